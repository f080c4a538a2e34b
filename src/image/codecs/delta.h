#pragma once
// numcodecs' delta: each element is stored as the difference to the one before, over the flattened chunk.
// {"dtype": "<i4", "astype": "<i2"}: decoded and stored types; "astype" is "dtype" unless given.

#include <memory>

#include "image/codec.h"

namespace ndcast::image {

/// In a v2 chain: on bytes in the byte orders that the configuration names.
Result<std::unique_ptr<const BytesCodec>> make_delta_bytes(const Json& config, std::string_view where);
/// In a v3 chain: on native elements.
Result<std::unique_ptr<const ArrayCodec>> make_delta_array(const Json& config, std::string_view where);

}  // namespace ndcast::image
