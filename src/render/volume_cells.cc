#include "render/volume_cells.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

namespace ndcast::render {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// A type that holds every T exactly and compares as cheaply as can be.
template <class T>
using Comparable = std::conditional_t<std::is_same_v<T, image::Half>, float, T>;

/// Whether bounds of this type are CellBounds::words.
template <class T>
constexpr bool kFitsWord = std::is_integral_v<T> && sizeof(T) <= 2;

template <class T>
float round_down(T value) {
  const auto nearest = static_cast<float>(value);
  if constexpr (sizeof(T) <= 2 || std::is_same_v<T, float>) return nearest;
  return static_cast<long double>(nearest) > static_cast<long double>(value) ? std::nextafter(nearest, -kInfinity)
                                                                             : nearest;
}

template <class T>
float round_up(T value) {
  const auto nearest = static_cast<float>(value);
  if constexpr (sizeof(T) <= 2 || std::is_same_v<T, float>) return nearest;
  return static_cast<long double>(nearest) < static_cast<long double>(value) ? std::nextafter(nearest, kInfinity)
                                                                             : nearest;
}

/// The largest and the smallest of a type.
template <class C>
constexpr C most() {
  return std::numeric_limits<C>::has_infinity ? std::numeric_limits<C>::infinity() : std::numeric_limits<C>::max();
}
template <class C>
constexpr C least() {
  return std::numeric_limits<C>::has_infinity ? -std::numeric_limits<C>::infinity() : std::numeric_limits<C>::min();
}

template <class C>
void take(C value, C& low, C& high) {
  if constexpr (std::is_integral_v<C>) {
    low = std::min(low, value);
    high = std::max(high, value);
  } else {
    const bool finite = std::abs(value) <= std::numeric_limits<C>::max();
    low = finite ? std::min(low, value) : -std::numeric_limits<C>::infinity();
    high = finite ? std::max(high, value) : high;
  }
}

/// Bounds of some lines of voxels, a place in x each.
template <class C>
struct LineBounds {
  std::vector<C> low;
  std::vector<C> high;

  void reset(int width) {
    low.assign(static_cast<std::size_t>(width), most<C>());
    high.assign(static_cast<std::size_t>(width), least<C>());
  }
  template <class T>
  void take_voxels(const T* voxels) {
    C* const lows = low.data();
    C* const highs = high.data();
    const std::size_t width = low.size();
    for (std::size_t x = 0; x < width; ++x) take<C>(voxels[x], lows[x], highs[x]);
  }
  void widen(const LineBounds& by) {
    C* const lows = low.data();
    C* const highs = high.data();
    const C* const more_lows = by.low.data();
    const C* const more_highs = by.high.data();
    const std::size_t width = low.size();
    for (std::size_t x = 0; x < width; ++x) {
      lows[x] = std::min(lows[x], more_lows[x]);
      highs[x] = std::max(highs[x], more_highs[x]);
    }
  }
};

struct Range {
  int begin;
  int end;
};

/// Voxels of a cell along an axis at most.
constexpr int kMostCovered = kCellSpan * kCellVoxels + 2;

Range covered(int cell, int size) {
  return {std::max(0, cell * kCellVoxels - 1), std::min(size, (cell + kCellSpan) * kCellVoxels + 1)};
}

/// Bounds of every cell of the slab of cells `cell_z`, the first of which has the index `first`.
template <class T>
void build_slab(const VolumeLevel& level, const std::array<int, 3>& grid, int cell_z, CellBounds& cells,
                std::size_t first) {
  using C = Comparable<T>;
  const auto* const voxels = reinterpret_cast<const T*>(level.data);
  const auto [width, height, planes] = level.size;
  const Range depth = covered(cell_z, planes);
  std::array<LineBounds<C>, kMostCovered> through;  // all planes of the slab; line y is that of y mod kMostCovered
  LineBounds<C> row;
  int next_line = 0;
  std::size_t cell = first;
  for (int j = 0; j < grid[1]; ++j) {
    const Range lines = covered(j, height);
    for (; next_line < lines.end; ++next_line) {
      LineBounds<C>& bounds = through[static_cast<std::size_t>(next_line % kMostCovered)];
      bounds.reset(width);
      for (int z = depth.begin; z < depth.end; ++z) {
        bounds.take_voxels(voxels + (static_cast<std::ptrdiff_t>(z) * height + next_line) * width);
      }
    }
    row.reset(width);
    for (int y = lines.begin; y < lines.end; ++y) row.widen(through[static_cast<std::size_t>(y % kMostCovered)]);
    const C* const lows = row.low.data();
    const C* const highs = row.high.data();
    for (int i = 0; i < grid[0]; ++i, ++cell) {
      const Range run = covered(i, width);
      const C low = *std::min_element(lows + run.begin, lows + run.end);
      const C high = *std::max_element(highs + run.begin, highs + run.end);
      if constexpr (kFitsWord<T>) {
        const auto from_least = [](C value) {
          return static_cast<std::uint32_t>(int{value} - int{std::numeric_limits<T>::min()});
        };
        cells.words[cell] = from_least(high) << 16 | from_least(low);
      } else {
        cells.floats[cell] = {round_down(low), round_up(high)};
      }
    }
  }
}

}  // namespace

std::array<int, 3> cell_grid(const std::array<int, 3>& size) {
  const auto cells = [](int voxels) { return (voxels + kCellVoxels - 1) / kCellVoxels; };
  return {cells(size[0]), cells(size[1]), cells(size[2])};
}

void build_cells(VolumeLevel& level, ThreadPool& pool) {
  build_cells(level, pool, 0, std::numeric_limits<std::int64_t>::max());
}

int build_cells(VolumeLevel& level, ThreadPool& pool, int first_slab, std::int64_t at_most_voxels) {
  const std::array<int, 3> grid = cell_grid(level.size);
  const std::size_t slab = static_cast<std::size_t>(grid[0]) * static_cast<std::size_t>(grid[1]);
  const std::int64_t slab_voxels = std::int64_t{level.size[0]} * level.size[1] * kCellVoxels;
  const auto count = static_cast<int>(std::clamp<std::int64_t>(at_most_voxels / slab_voxels, 1, grid[2] - first_slab));
  image::visit_dtype(level.dtype, [&](auto zero) {
    using T = decltype(zero);
    if (first_slab == 0) {
      level.cells.clear();
      const std::size_t cells = slab * static_cast<std::size_t>(grid[2]);
      if constexpr (kFitsWord<T>) level.cells.words.resize(cells);
      if constexpr (!kFitsWord<T>) level.cells.floats.resize(cells);
    }
    pool.for_each_index(static_cast<std::size_t>(count), [&](std::size_t i) {
      const std::size_t z = static_cast<std::size_t>(first_slab) + i;
      build_slab<T>(level, grid, static_cast<int>(z), level.cells, z * slab);
    });
  });
  return first_slab + count;
}

std::array<float, 2> bounds_of_cell(const VolumeLevel& level, std::size_t index) {
  if (level.cells.words.empty()) return level.cells.floats[index];
  const std::uint32_t word = level.cells.words[index];
  const float base = least_value(level.dtype);
  return {static_cast<float>(word & 0xffffU) + base, static_cast<float>(word >> 16) + base};
}

float least_value(image::DType dtype) {
  return image::visit_dtype(dtype, [](auto zero) {
    using T = decltype(zero);
    if constexpr (kFitsWord<T>) return static_cast<float>(std::numeric_limits<T>::min());
    return 0.0F;
  });
}

}  // namespace ndcast::render
