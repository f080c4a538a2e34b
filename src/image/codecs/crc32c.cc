#include "image/codecs/crc32c.h"

#include <array>
#include <bit>
#include <cstring>

namespace ndcast::image {
namespace {

constexpr std::size_t kChecksumBytes = 4;
constexpr std::uint32_t kPolynomial = 0x82f63b78;  // Castagnoli, bits reversed

using Tables = std::array<std::array<std::uint32_t, 256>, 8>;

// Slicing by eight (Kounavis & Berry 2005): tables[k][b] carries byte b over k more zero bytes.
constexpr Tables make_tables() {
  Tables tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1U) != 0 ? kPolynomial : 0U);
    tables[0][byte] = crc;
  }
  for (std::size_t slice = 1; slice < tables.size(); ++slice) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t crc = tables[slice - 1][byte];
      tables[slice][byte] = (crc >> 8) ^ tables[0][crc & 0xffU];
    }
  }
  return tables;
}

constexpr Tables kTables = make_tables();

std::uint64_t little_endian_word(const std::byte* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = std::byteswap(word);
  return word;
}

class Crc32c final : public BytesCodec {
 public:
  Result<Bytes> decode(std::span<const std::byte> stored, SizeBound size) const override {
    if (stored.size() < kChecksumBytes) {
      return fail(ErrorCode::Corrupt, "crc32c: {} bytes, expected at least {}", stored.size(), kChecksumBytes);
    }
    const auto body = stored.first(stored.size() - kChecksumBytes);
    ND_TRY(check_size("crc32c", body.size(), size));
    std::uint32_t expected = 0;
    for (std::size_t i = 0; i < kChecksumBytes; ++i) {
      expected |= std::to_integer<std::uint32_t>(stored[body.size() + i]) << (8 * i);
    }
    if (const std::uint32_t found = crc32c(body); found != expected) {
      return fail(ErrorCode::Corrupt, "crc32c: the bytes have {:08x}, stored is {:08x}", found, expected);
    }
    return Bytes(body.begin(), body.end());
  }

  SizeBound encoded_size(SizeBound decoded) const override { return {decoded.bytes + kChecksumBytes, decoded.exact}; }
};

}  // namespace

std::uint32_t crc32c(std::span<const std::byte> bytes) {
  std::uint32_t crc = ~0U;
  std::size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    const std::uint64_t word = little_endian_word(bytes.data() + at) ^ crc;
    crc = 0;
    for (std::size_t slice = 0; slice < 8; ++slice) crc ^= kTables[7 - slice][(word >> (8 * slice)) & 0xffU];
  }
  for (; at < bytes.size(); ++at) {
    crc = (crc >> 8) ^ kTables[0][(crc ^ std::to_integer<std::uint32_t>(bytes[at])) & 0xffU];
  }
  return ~crc;
}

Result<std::unique_ptr<const BytesCodec>> make_crc32c(const Json&, std::string_view) {
  return std::make_unique<Crc32c>();
}

}  // namespace ndcast::image
