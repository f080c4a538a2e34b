#pragma once
// Element types of voxel arrays, and the one place that turns a run-time type into a compile-time one.
//
//   const double value = visit_dtype(array.dtype(), [&](auto zero) {
//     using T = decltype(zero);
//     return static_cast<double>(reinterpret_cast<const T*>(chunk.data.data())[i]);
//   });

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace ndcast::image {

enum class DType { Bool, Int8, UInt8, Int16, UInt16, Int32, UInt32, Int64, UInt64, Float16, Float32, Float64 };

/// Bytes of one element: 1, 2, 4 or 8.
std::size_t byte_size(DType dtype);
/// numpy's name: "bool", "uint16", "float32", ….
std::string_view to_string(DType dtype);
/// The inverse of to_string(); nothing for other names.
std::optional<DType> dtype_from_name(std::string_view name);

constexpr bool is_floating(DType dtype) { return dtype >= DType::Float16; }

/// IEEE 754 binary16, converted by value (subnormals, infinities and NaN included).
struct Half {
  std::uint16_t bits = 0;

  operator float() const {
    const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000U) << 16;
    const std::uint32_t magnitude = bits & 0x7fffU;
    // Shifted into binary32's fields the exponent is short by the difference of the biases, 112; multiplying by 2^112
    // mends it for normal and subnormal numbers alike.
    if (magnitude < 0x7c00U) {
      const float value = std::bit_cast<float>(magnitude << 13) * 0x1p112F;
      return std::bit_cast<float>(std::bit_cast<std::uint32_t>(value) | sign);
    }
    return std::bit_cast<float>(sign | 0x7f800000U | ((magnitude & 0x3ffU) << 13));
  }
};
static_assert(sizeof(Half) == 2);

/// binary64 → binary16, round to nearest, ties to even; overflow becomes infinity.
Half half_from(double value);

/// Calls f(T{}) with the C++ type that holds one element in a decoded chunk. Bool is std::uint8_t (0 or 1).
template <class F>
decltype(auto) visit_dtype(DType dtype, F&& f) {
  switch (dtype) {
    case DType::Bool:
    case DType::UInt8:
      return std::forward<F>(f)(std::uint8_t{});
    case DType::Int8:
      return std::forward<F>(f)(std::int8_t{});
    case DType::Int16:
      return std::forward<F>(f)(std::int16_t{});
    case DType::UInt16:
      return std::forward<F>(f)(std::uint16_t{});
    case DType::Int32:
      return std::forward<F>(f)(std::int32_t{});
    case DType::UInt32:
      return std::forward<F>(f)(std::uint32_t{});
    case DType::Int64:
      return std::forward<F>(f)(std::int64_t{});
    case DType::UInt64:
      return std::forward<F>(f)(std::uint64_t{});
    case DType::Float16:
      return std::forward<F>(f)(Half{});
    case DType::Float32:
      return std::forward<F>(f)(float{});
    case DType::Float64:
      return std::forward<F>(f)(double{});
  }
  std::unreachable();
}

/// One native-endian element at `at` (no alignment needed). 64-bit integers beyond 2^53 round.
double value_as_double(DType dtype, const std::byte* at);

}  // namespace ndcast::image
