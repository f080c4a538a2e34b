#include "render/sources/slab_projection.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#include "base/check.h"

namespace ndcast::render {
namespace {

using scene::ProjectionMode;

bool is_sum(ProjectionMode mode) { return mode == ProjectionMode::Sum || mode == ProjectionMode::Mean; }

image::DType result_type(image::DType source, ProjectionMode mode) {
  if (!is_sum(mode)) return source;
  const bool is_exact = image::byte_size(source) <= 2 || source == image::DType::Float32;
  return is_exact ? image::DType::Float32 : image::DType::Float64;
}

template <class T>
constexpr bool kIsFloating = !std::is_integral_v<T>;

template <class T>
bool is_value(T voxel) {
  if constexpr (std::is_same_v<T, image::Half>) return std::isfinite(static_cast<float>(voxel));
  if constexpr (std::is_floating_point_v<T>) return std::isfinite(voxel);
  return true;
}

/// What stands for "none yet" in a maximum or minimum: NaN, or the number that any other takes the place of.
template <class T>
T nothing_yet(ProjectionMode mode) {
  if constexpr (std::is_same_v<T, image::Half>) return image::Half{0x7E00};
  if constexpr (std::is_floating_point_v<T>) return std::numeric_limits<T>::quiet_NaN();
  if constexpr (std::is_integral_v<T>) {
    return mode == ProjectionMode::Max ? std::numeric_limits<T>::lowest() : std::numeric_limits<T>::max();
  }
}

/// Calls row(target, source) for the first voxels of each innermost row.
template <class Row>
void for_each_row(const std::array<GatherAxis, 3>& axes, std::int64_t first, Row&& row) {
  const auto& [outer, middle, inner] = axes;
  for (std::int64_t i = 0; i < outer.count; ++i) {
    for (std::int64_t j = 0; j < middle.count; ++j) {
      row(first + i * outer.target_stride + j * middle.target_stride,
          i * outer.source_stride + j * middle.source_stride);
    }
  }
}

template <class T>
void take_extremes(const T* source, std::span<const std::int64_t> offsets, const std::array<GatherAxis, 3>& axes,
                   std::int64_t first, ProjectionMode mode, T* result) {
  const GatherAxis inner = axes[2];
  for_each_row(axes, first, [&](std::int64_t target, std::int64_t from) {
    for (const std::int64_t offset : offsets) {
      const T* const line = source + from + offset;
      for (std::int64_t k = 0; k < inner.count; ++k) {
        T& best = result[target + k * inner.target_stride];
        const T voxel = line[k * inner.source_stride];
        if constexpr (kIsFloating<T>) {
          if (!is_value(voxel)) continue;
          if (is_value(best) && (mode == ProjectionMode::Max ? voxel <= best : voxel >= best)) continue;
          best = voxel;
        } else {
          best = mode == ProjectionMode::Max ? std::max(best, voxel) : std::min(best, voxel);
        }
      }
    }
  });
}

template <class T>
void take_sums(const T* source, std::span<const std::int64_t> offsets, const std::array<GatherAxis, 3>& axes,
               std::int64_t first, double* sums, std::uint32_t* counts) {
  const GatherAxis inner = axes[2];
  for_each_row(axes, first, [&](std::int64_t target, std::int64_t from) {
    for (const std::int64_t offset : offsets) {
      const T* const line = source + from + offset;
      for (std::int64_t k = 0; k < inner.count; ++k) {
        const T voxel = line[k * inner.source_stride];
        const bool counts_here = is_value(voxel);
        const std::int64_t at = target + k * inner.target_stride;
        sums[at] += counts_here ? static_cast<double>(voxel) : 0.0;
        counts[at] += counts_here ? 1 : 0;
      }
    }
  });
}

}  // namespace

std::size_t SlabProjection::bytes_per_voxel(image::DType source, ProjectionMode mode) {
  const std::size_t result = image::byte_size(result_type(source, mode));
  return is_sum(mode) ? result + sizeof(double) + sizeof(std::uint32_t) : result;
}

SlabProjection::SlabProjection(image::DType source, ProjectionMode mode, std::size_t voxels)
    : source_(source),
      mode_(mode),
      dtype_(result_type(source, mode)),
      result_(voxels * image::byte_size(dtype_)),
      sums_(is_sum(mode) ? voxels : 0),
      counts_(is_sum(mode) ? voxels : 0) {
  ND_CHECK(mode != ProjectionMode::None, "a projection of nothing is a slice");
  if (is_sum(mode_)) return;
  image::visit_dtype(dtype_, [&](auto zero) {
    using T = decltype(zero);
    std::fill_n(reinterpret_cast<T*>(result_.data()), voxels, nothing_yet<T>(mode));
  });
}

std::size_t SlabProjection::bytes() const {
  return result_.size() + sums_.size() * sizeof(double) + counts_.size() * sizeof(std::uint32_t);
}

void SlabProjection::take(const std::byte* source, std::span<const std::int64_t> offsets,
                          const std::array<GatherAxis, 3>& axes, std::int64_t first) {
  image::visit_dtype(source_, [&](auto zero) {
    using T = decltype(zero);
    const auto* const voxels = reinterpret_cast<const T*>(source);
    if (is_sum(mode_)) {
      take_sums(voxels, offsets, axes, first, sums_.data(), counts_.data());
    } else {
      take_extremes(voxels, offsets, axes, first, mode_, reinterpret_cast<T*>(result_.data()));
    }
  });
}

void SlabProjection::finish(const std::array<GatherAxis, 3>& axes, std::int64_t first) {
  if (!is_sum(mode_)) return;
  const auto finish_as = [&](auto zero) {
    using T = decltype(zero);
    T* const result = reinterpret_cast<T*>(result_.data());
    for_each_row(axes, first, [&](std::int64_t target, std::int64_t) {
      for (std::int64_t k = 0; k < axes[2].count; ++k) {
        const auto at = static_cast<std::size_t>(target + k * axes[2].target_stride);
        const double count = counts_[at];
        const double value = mode_ == ProjectionMode::Mean ? sums_[at] / count : sums_[at];
        result[at] = count > 0 ? static_cast<T>(value) : std::numeric_limits<T>::quiet_NaN();
      }
    });
  };
  dtype_ == image::DType::Float32 ? finish_as(float{}) : finish_as(double{});
}

void SlabProjection::adopt(const SlabProjection& other, std::int64_t source_first,
                           const std::array<GatherAxis, 3>& axes, std::int64_t first) {
  const std::size_t element = image::byte_size(dtype_);
  gather(other.data() + static_cast<std::size_t>(source_first) * element,
         result_.data() + static_cast<std::size_t>(first) * element, element, axes);
}

}  // namespace ndcast::render
