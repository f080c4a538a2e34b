#include "image/dtype.h"

#include <array>
#include <cmath>
#include <cstring>

namespace ndcast::image {
namespace {

constexpr std::array<std::string_view, 12> kNames = {"bool",   "int8",  "uint8",  "int16",   "uint16",  "int32",
                                                     "uint32", "int64", "uint64", "float16", "float32", "float64"};
constexpr std::array<std::size_t, 12> kSizes = {1, 1, 1, 2, 2, 4, 4, 8, 8, 2, 4, 8};

}  // namespace

std::size_t byte_size(DType dtype) { return kSizes[static_cast<std::size_t>(dtype)]; }

std::string_view to_string(DType dtype) { return kNames[static_cast<std::size_t>(dtype)]; }

std::optional<DType> dtype_from_name(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<DType>(i);
  }
  return std::nullopt;
}

double value_as_double(DType dtype, const std::byte* at) {
  return visit_dtype(dtype, [at](auto value) {
    std::memcpy(&value, at, sizeof value);
    return static_cast<double>(value);
  });
}

Half half_from(double value) {
  const auto sign = static_cast<std::uint16_t>(std::signbit(value) ? 0x8000U : 0U);
  const double magnitude = std::fabs(value);
  const auto with_sign = [sign](unsigned bits) { return Half{static_cast<std::uint16_t>(bits | sign)}; };
  if (std::isnan(value)) return with_sign(0x7e00U);
  if (magnitude >= 65520.0) return with_sign(0x7c00U);  // halfway to the first number past the largest
  if (magnitude < 0x1p-14) return with_sign(static_cast<unsigned>(std::nearbyint(magnitude * 0x1p24)));
  int exponent = 0;
  const double fraction = std::frexp(magnitude, &exponent);                        // in [0.5, 1)
  const auto mantissa = static_cast<unsigned>(std::nearbyint(fraction * 0x1p11));  // 1024 … 2048
  return with_sign((static_cast<unsigned>(exponent + 13) << 10U) + mantissa);
}

}  // namespace ndcast::image
