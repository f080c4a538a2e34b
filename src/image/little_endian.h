#pragma once
// Integers as zip archives store them: little endian, unaligned. The caller has checked the range.

#include <cstddef>
#include <cstdint>
#include <span>

namespace ndcast::image {

template <class Int>
Int little(std::span<const std::byte> bytes, std::size_t at) {
  Int value = 0;
  for (std::size_t i = sizeof(Int); i-- > 0;) {
    value = static_cast<Int>(static_cast<std::uint64_t>(value) << 8U | std::to_integer<std::uint8_t>(bytes[at + i]));
  }
  return value;
}

inline std::uint16_t little16(std::span<const std::byte> bytes, std::size_t at) {
  return little<std::uint16_t>(bytes, at);
}
inline std::uint32_t little32(std::span<const std::byte> bytes, std::size_t at) {
  return little<std::uint32_t>(bytes, at);
}
inline std::uint64_t little64(std::span<const std::byte> bytes, std::size_t at) {
  return little<std::uint64_t>(bytes, at);
}

}  // namespace ndcast::image
