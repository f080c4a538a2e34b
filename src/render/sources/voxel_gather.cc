#include "render/sources/voxel_gather.h"

#include <cstring>
#include <utility>

namespace ndcast::render {
namespace {

/// Elements are moved as unsigned integers of their size, whatever they mean.
template <class F>
void with_element(std::size_t element_bytes, F&& f) {
  switch (element_bytes) {
    case 1:
      return f(std::uint8_t{});
    case 2:
      return f(std::uint16_t{});
    case 4:
      return f(std::uint32_t{});
    case 8:
      return f(std::uint64_t{});
    default:
      std::unreachable();
  }
}

template <class T>
void gather_typed(const T* source, T* target, const std::array<GatherAxis, 3>& axes) {
  const auto& [outer, middle, inner] = axes;
  for (std::int64_t i = 0; i < outer.count; ++i) {
    for (std::int64_t j = 0; j < middle.count; ++j) {
      const T* from = source + i * outer.source_stride + j * middle.source_stride;
      T* to = target + i * outer.target_stride + j * middle.target_stride;
      if (inner.source_stride == 1 && inner.target_stride == 1) {
        std::memcpy(to, from, static_cast<std::size_t>(inner.count) * sizeof(T));
        continue;
      }
      for (std::int64_t k = 0; k < inner.count; ++k) to[k * inner.target_stride] = from[k * inner.source_stride];
    }
  }
}

}  // namespace

void gather(const std::byte* source, std::byte* target, std::size_t element_bytes,
            const std::array<GatherAxis, 3>& axes) {
  with_element(element_bytes, [&](auto zero) {
    using T = decltype(zero);
    gather_typed(reinterpret_cast<const T*>(source), reinterpret_cast<T*>(target), axes);
  });
}

void scatter_element(std::span<const std::byte> element, std::byte* target, const std::array<GatherAxis, 3>& axes) {
  std::array<GatherAxis, 3> standing = axes;
  for (GatherAxis& axis : standing) axis.source_stride = 0;
  gather(element.data(), target, element.size(), standing);
}

}  // namespace ndcast::render
