#pragma once
// numcodecs' checksums beside crc32c: a 32-bit little-endian sum that is checked and cut off. crc32 and adler32 stand
// before the bytes, fletcher32 behind them; {"location": "start"|"end"} says otherwise.

#include <memory>

#include "image/codec.h"

namespace ndcast::image {

Result<std::unique_ptr<const BytesCodec>> make_crc32(const Json& config, std::string_view where);
Result<std::unique_ptr<const BytesCodec>> make_adler32(const Json& config, std::string_view where);
/// HDF5's: sums of 16-bit big-endian words.
Result<std::unique_ptr<const BytesCodec>> make_fletcher32(const Json& config, std::string_view where);

/// The checksum itself, for encoders of fixtures.
std::uint32_t fletcher32(std::span<const std::byte> bytes);

}  // namespace ndcast::image
