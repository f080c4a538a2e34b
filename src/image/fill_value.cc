#include "image/fill_value.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <limits>
#include <optional>
#include <type_traits>

#include "image/json_fields.h"

namespace ndcast::image {
namespace {

template <class T>
std::vector<std::byte> bytes_of(T value) {
  std::vector<std::byte> out(sizeof value);
  std::memcpy(out.data(), &value, sizeof value);
  return out;
}

/// "0x7fc00000" → the bits; exactly as many digits as the type has.
std::optional<std::vector<std::byte>> exact_bits(std::string_view text, std::size_t element_bytes) {
  if (!text.starts_with("0x") || text.size() != 2 + 2 * element_bytes) return std::nullopt;
  std::uint64_t bits = 0;
  const auto [end, error] = std::from_chars(text.data() + 2, text.data() + text.size(), bits, 16);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  switch (element_bytes) {
    case 2:
      return bytes_of(static_cast<std::uint16_t>(bits));
    case 4:
      return bytes_of(static_cast<std::uint32_t>(bits));
    default:
      return bytes_of(bits);
  }
}

/// Base64 (RFC 4648) of exactly one element, as some v2 writers put it for any type; little endian.
std::optional<std::vector<std::byte>> base64_element(std::string_view text, std::size_t element_bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (text.empty() || text.size() != (element_bytes + 2) / 3 * 4) return std::nullopt;
  std::vector<std::byte> out;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    if (c == '=') break;
    const std::size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    bits = (bits << 6U) | static_cast<std::uint32_t>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out.push_back(static_cast<std::byte>(bits >> count));
  }
  if (out.size() != element_bytes) return std::nullopt;
  if constexpr (std::endian::native == std::endian::big) std::ranges::reverse(out);
  return out;
}

std::optional<double> floating_number(const Json& value) {
  if (value.is_bool()) return value.boolean() ? 1.0 : 0.0;
  constexpr std::array kNaN = {"NaN", "nan"};
  constexpr std::array kInfinite = {"Infinity", "+Infinity", "inf", "Inf", "+inf"};
  constexpr std::array kNegative = {"-Infinity", "-inf", "-Inf"};
  const std::string_view text = value.as_string().value_or("");
  if (std::ranges::find(kNaN, text) != kNaN.end()) return std::numeric_limits<double>::quiet_NaN();
  if (std::ranges::find(kInfinite, text) != kInfinite.end()) return std::numeric_limits<double>::infinity();
  if (std::ranges::find(kNegative, text) != kNegative.end()) return -std::numeric_limits<double>::infinity();
  return lenient_number(&value);
}

template <class T>
std::optional<T> integer_in_range(const Json& value) {
  if (value.is_bool()) return static_cast<T>(value.boolean() ? 1 : 0);
  if (const auto text = value.as_string()) {
    T parsed{};
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), parsed);
    if (error != std::errc() || end != text->data() + text->size()) return std::nullopt;
    return parsed;
  }
  if constexpr (std::is_unsigned_v<T>) {
    const auto number = value.as_uint64();
    if (number && *number <= std::numeric_limits<T>::max()) return static_cast<T>(*number);
  } else {
    const auto number = value.as_int64();
    if (number && *number >= std::numeric_limits<T>::min() && *number <= std::numeric_limits<T>::max()) {
      return static_cast<T>(*number);
    }
  }
  return std::nullopt;
}

std::optional<std::vector<std::byte>> floating_bytes(const Json& value, DType dtype) {
  if (auto bits = exact_bits(value.as_string().value_or(""), byte_size(dtype))) return bits;
  const auto number = floating_number(value);
  if (!number) return std::nullopt;
  if (dtype == DType::Float16) return bytes_of(half_from(*number));
  if (dtype == DType::Float32) return bytes_of(static_cast<float>(*number));
  return bytes_of(*number);
}

}  // namespace

Result<std::vector<std::byte>> parse_fill_value(const Json& value, DType dtype, std::string_view where) {
  if (value.is_null()) return std::vector<std::byte>(byte_size(dtype));
  std::optional<std::vector<std::byte>> out;
  if (is_floating(dtype)) {
    out = floating_bytes(value, dtype);
  } else {
    visit_dtype(dtype, [&](auto zero) {
      using T = decltype(zero);
      if constexpr (std::is_integral_v<T>) {
        if (const auto number = integer_in_range<T>(value); number && (dtype != DType::Bool || *number <= 1)) {
          out = bytes_of(*number);
        }
      }
    });
  }
  if (!out) out = base64_element(value.as_string().value_or(""), byte_size(dtype));
  if (dtype == DType::Bool && out && std::to_integer<int>((*out)[0]) > 1) out.reset();
  if (out) return *std::move(out);
  return fail(ErrorCode::Invalid, "{} is {}; expected a value of {}", where, quoted(value), to_string(dtype));
}

}  // namespace ndcast::image
