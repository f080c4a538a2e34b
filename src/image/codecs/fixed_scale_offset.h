#pragma once
// numcodecs' fixedscaleoffset: decoded = stored / scale + offset. {"scale", "offset", "dtype", "astype"}

#include <memory>

#include "image/codec.h"

namespace ndcast::image {

/// In a v2 chain: on bytes in the byte orders that the configuration names.
Result<std::unique_ptr<const BytesCodec>> make_fixed_scale_offset_bytes(const Json& config, std::string_view where);
/// In a v3 chain: on native elements.
Result<std::unique_ptr<const ArrayCodec>> make_fixed_scale_offset_array(const Json& config, std::string_view where);

}  // namespace ndcast::image
