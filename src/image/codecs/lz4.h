#pragma once
// numcodecs' lz4: the decoded size as a 32-bit little-endian integer, then one raw LZ4 block (not an LZ4 frame).

#include <memory>

#include "image/codec.h"

namespace ndcast::image {

Result<std::unique_ptr<const BytesCodec>> make_lz4(const Json& config, std::string_view where);

}  // namespace ndcast::image
