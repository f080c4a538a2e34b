#include "convert/sample_bits.h"

#include <cstring>

namespace ndcast::convert {

std::optional<image::DType> dtype_of_samples(int bits, SampleKind kind) {
  using enum image::DType;
  if (kind == SampleKind::Float) {
    if (bits == 16) return Float16;
    if (bits == 32) return Float32;
    if (bits == 64) return Float64;
    return std::nullopt;
  }
  const bool is_signed = kind == SampleKind::Signed;
  if (bits == 1) return Bool;
  if (bits >= 2 && bits <= 8) return is_signed ? Int8 : UInt8;
  if (bits > 8 && bits <= 16) return is_signed ? Int16 : UInt16;
  if (bits > 16 && bits <= 32) return is_signed ? Int32 : UInt32;
  if (bits == 64) return is_signed ? Int64 : UInt64;
  return std::nullopt;
}

void unpack_row(std::span<const std::byte> row, int bits, SampleKind kind, std::size_t count, std::byte* out) {
  const std::size_t width = bits <= 8 ? 1 : bits <= 16 ? 2 : 4;
  std::uint64_t window = 0;  // the low `held` bits are unread
  int held = 0;
  std::size_t next = 0;
  for (std::size_t i = 0; i < count; ++i) {
    while (held < bits) {
      window = (window << 8) | (next < row.size() ? std::to_integer<std::uint64_t>(row[next]) : 0);
      ++next;
      held += 8;
    }
    held -= bits;
    auto value = static_cast<std::uint32_t>((window >> held) & ((std::uint64_t{1} << bits) - 1));
    if (kind == SampleKind::Signed && bits > 1 && bits < 32 && (value >> (bits - 1)) != 0)
      value |= ~std::uint32_t{0} << bits;
    const auto low8 = static_cast<std::uint8_t>(value);
    const auto low16 = static_cast<std::uint16_t>(value);
    if (width == 1) {
      std::memcpy(out + i, &low8, 1);
    } else if (width == 2) {
      std::memcpy(out + 2 * i, &low16, 2);
    } else {
      std::memcpy(out + 4 * i, &value, 4);
    }
  }
}

}  // namespace ndcast::convert
