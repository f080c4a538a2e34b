#pragma once
// Blosc 1 buffers: a 16-byte header that says all (compressor, shuffle, block size), so the configuration is not read.
// The buffer is validated before it is decoded.

#include <memory>

#include "image/codec.h"

namespace ndcast::image {

Result<std::unique_ptr<const BytesCodec>> make_blosc(const Json& config, std::string_view where);

}  // namespace ndcast::image
