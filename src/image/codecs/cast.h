#pragma once
// Filters that decode by converting elements to another type: numcodecs' astype {"encode_dtype", "decode_dtype"} and
// quantize {"digits", "dtype", "astype"}, whose loss happened when it encoded.

#include <memory>

#include "image/codec.h"

namespace ndcast::image {

Result<std::unique_ptr<const BytesCodec>> make_astype_bytes(const Json& config, std::string_view where);
Result<std::unique_ptr<const ArrayCodec>> make_astype_array(const Json& config, std::string_view where);
Result<std::unique_ptr<const BytesCodec>> make_quantize_bytes(const Json& config, std::string_view where);
Result<std::unique_ptr<const ArrayCodec>> make_quantize_array(const Json& config, std::string_view where);

}  // namespace ndcast::image
