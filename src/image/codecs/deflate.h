#pragma once
// gzip (RFC 1952, several members allowed) and zlib (RFC 1950), through libdeflate. Their configuration only says how
// they were compressed and is not read.

#include <memory>

#include "image/codec.h"

namespace ndcast::image {

Result<std::unique_ptr<const BytesCodec>> make_gzip(const Json& config, std::string_view where);
Result<std::unique_ptr<const BytesCodec>> make_zlib(const Json& config, std::string_view where);

}  // namespace ndcast::image
