#include "convert/value_range.h"

#include <limits>
#include <type_traits>

namespace ndcast::convert {
namespace {

template <class T>
ValueRange range_of(const T* values, std::size_t count, std::size_t stride) {
  if constexpr (std::is_integral_v<T>) {
    T low = std::numeric_limits<T>::max();
    T high = std::numeric_limits<T>::lowest();
    if (stride == 1) {  // apart, so that it becomes vector code
      for (std::size_t i = 0; i < count; ++i) {
        low = std::min(low, values[i]);
        high = std::max(high, values[i]);
      }
    } else {
      for (std::size_t i = 0; i < count * stride; i += stride) {
        low = std::min(low, values[i]);
        high = std::max(high, values[i]);
      }
    }
    return {static_cast<double>(low), static_cast<double>(high)};
  } else {
    using Number = std::conditional_t<std::is_same_v<T, image::Half>, float, T>;
    Number low = std::numeric_limits<Number>::infinity();
    Number high = -low;
    for (std::size_t i = 0; i < count * stride; i += stride) {
      const auto value = static_cast<Number>(values[i]);
      if (!std::isfinite(value)) continue;
      low = std::min(low, value);
      high = std::max(high, value);
    }
    return {static_cast<double>(low), static_cast<double>(high)};
  }
}

}  // namespace

std::vector<ValueRange> value_ranges(image::DType dtype, const std::byte* voxels, const Shape& extent,
                                     std::optional<std::size_t> axis) {
  std::size_t outer = 1;
  std::size_t inner = 1;
  const std::size_t channels = axis ? static_cast<std::size_t>(extent[*axis]) : 1;
  for (std::size_t i = 0; i < extent.size(); ++i) {
    if (axis && i == *axis) continue;
    (axis && i < *axis ? outer : inner) *= static_cast<std::size_t>(extent[i]);
  }
  std::vector<ValueRange> out(channels);
  image::visit_dtype(dtype, [&](auto zero) {
    using T = decltype(zero);
    const T* const values = reinterpret_cast<const T*>(voxels);
    if (inner == 1) {
      for (std::size_t c = 0; c < channels; ++c) out[c] = range_of(values + c, outer, channels);
      return;
    }
    for (std::size_t o = 0; o < outer; ++o) {
      for (std::size_t c = 0; c < channels; ++c) out[c].join(range_of(values + (o * channels + c) * inner, inner, 1));
    }
  });
  return out;
}

}  // namespace ndcast::convert
