#include "room/voxel_value.h"

#include <cmath>
#include <cstring>
#include <type_traits>

namespace ndcast::room {
namespace {

Json json_of_double(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return value;
}

}  // namespace

Json voxel_value(image::DType dtype, const std::byte* at) {
  return image::visit_dtype(dtype, [&](auto zero) -> Json {
    using T = decltype(zero);
    T value;
    std::memcpy(&value, at, sizeof(T));
    if constexpr (std::is_integral_v<T>) return value;
    return json_of_double(static_cast<double>(value));
  });
}

}  // namespace ndcast::room
