#include "image/dtype.h"

#include <array>
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

}  // namespace ndcast::image
