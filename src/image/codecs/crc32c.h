#pragma once
// A trailing little-endian CRC-32C (Castagnoli, RFC 3720 appendix B.4) of the bytes before it; checked and cut off.

#include <memory>

#include "image/codec.h"

namespace ndcast::image {

/// The checksum itself, for tests and for encoders of fixtures.
std::uint32_t crc32c(std::span<const std::byte> bytes);

Result<std::unique_ptr<const BytesCodec>> make_crc32c(const Json& config, std::string_view where);

}  // namespace ndcast::image
