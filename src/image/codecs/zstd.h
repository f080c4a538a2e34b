#pragma once
// Zstandard frames (RFC 8878), one or several, with or without a content size and checksum. The configuration is not
// needed to decode.

#include <memory>

#include "image/codec.h"

namespace ndcast::image {

Result<std::unique_ptr<const BytesCodec>> make_zstd(const Json& config, std::string_view where);

}  // namespace ndcast::image
