#pragma once
// numcodecs' bitround drops mantissa bits when it encodes; what is stored is the value itself.

#include <memory>

#include "image/codec.h"

namespace ndcast::image {

Result<std::unique_ptr<const BytesCodec>> make_bitround_bytes(const Json& config, std::string_view where);
Result<std::unique_ptr<const ArrayCodec>> make_bitround_array(const Json& config, std::string_view where);

}  // namespace ndcast::image
