#pragma once
// numcodecs' packbits: eight booleans a byte, most significant bit first, after a byte that counts the padding bits.

#include <memory>

#include "image/codec.h"

namespace ndcast::image {

Result<std::unique_ptr<const BytesCodec>> make_pack_bits(const Json& config, std::string_view where);

}  // namespace ndcast::image
