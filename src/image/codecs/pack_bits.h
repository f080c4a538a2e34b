#pragma once
// numcodecs' packbits: eight booleans a byte, most significant bit first, after a byte that counts the padding bits.

#include <memory>

#include "image/codec.h"

namespace ndcast::image {

/// In a v2 chain: bytes to bytes.
Result<std::unique_ptr<const BytesCodec>> make_pack_bits(const Json& config, std::string_view where);
/// In a v3 chain: an array of bool becomes one axis of uint8.
Result<std::unique_ptr<const ArrayCodec>> make_pack_bits_array(const Json& config, std::string_view where);

}  // namespace ndcast::image
