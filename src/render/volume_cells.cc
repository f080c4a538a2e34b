#include "render/volume_cells.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

namespace ndcast::render {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

using Bounds = std::array<float, 2>;

/// A type that holds every T exactly and compares as cheaply as can be.
template <class T>
using Comparable = std::conditional_t<std::is_same_v<T, image::Half>, float, T>;

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

/// Bounds of `count` consecutive voxels.
template <class T>
Bounds bounds_of_run(const T* voxels, int count) {
  if constexpr (std::is_integral_v<T>) {
    T low = voxels[0];
    T high = voxels[0];
    for (int i = 1; i < count; ++i) {
      low = std::min(low, voxels[i]);
      high = std::max(high, voxels[i]);
    }
    return {round_down(low), round_up(high)};
  } else {
    using C = Comparable<T>;
    C low = std::numeric_limits<C>::infinity();
    C high = -low;
    for (int i = 0; i < count; ++i) {
      const C value = voxels[i];
      if (std::isfinite(value)) {
        low = std::min(low, value);
        high = std::max(high, value);
      } else {
        low = -std::numeric_limits<C>::infinity();
      }
    }
    return {round_down(low), round_up(high)};
  }
}

void widen(Bounds& bounds, const Bounds& by) { bounds = {std::min(bounds[0], by[0]), std::max(bounds[1], by[1])}; }

/// Each of `count` cells by another; that one is still what it was when `by` lies behind `cells`.
void widen_line(Bounds* cells, const Bounds* by, int count) {
  for (int i = 0; i < count; ++i) widen(cells[i], by[i]);
}

struct Range {
  int begin;
  int end;
};

Range covered(int cell, int size) {
  return {std::max(0, cell * kCellVoxels - 1), std::min(size, (cell + 1) * kCellVoxels + 1)};
}

/// Bounds of every cell of the slab of cells `cell_z`, y and x fastest: of its own voxels along z, and of its own and
/// the next cell's along y and x.
template <class T>
void build_slab(const VolumeLevel& level, const std::array<int, 3>& grid, int cell_z, Bounds* cells) {
  const auto* const voxels = reinterpret_cast<const T*>(level.data);
  std::fill_n(cells, static_cast<std::size_t>(grid[0]) * static_cast<std::size_t>(grid[1]),
              Bounds{kInfinity, -kInfinity});
  std::vector<Bounds> row(static_cast<std::size_t>(grid[0]));
  const Range depth = covered(cell_z, level.size[2]);
  for (int z = depth.begin; z < depth.end; ++z) {
    for (int y = 0; y < level.size[1]; ++y) {
      const T* const line = voxels + (static_cast<std::ptrdiff_t>(z) * level.size[1] + y) * level.size[0];
      for (int i = 0; i < grid[0]; ++i) {
        const Range run = covered(i, level.size[0]);
        row[static_cast<std::size_t>(i)] = bounds_of_run(line + run.begin, run.end - run.begin);
      }
      // A line on a border belongs to the cells of both sides.
      const int first = std::max(0, (y - 1) / kCellVoxels);
      const int last = std::min(grid[1] - 1, (y + 1) / kCellVoxels);
      for (int j = first; j <= last; ++j) {
        Bounds* const target = cells + static_cast<std::ptrdiff_t>(j) * grid[0];
        for (int i = 0; i < grid[0]; ++i) widen(target[i], row[static_cast<std::size_t>(i)]);
      }
    }
  }
  for (int j = 0; j < grid[1]; ++j) {
    Bounds* const line = cells + static_cast<std::ptrdiff_t>(j) * grid[0];
    if (j + 1 < grid[1]) widen_line(line, line + grid[0], grid[0]);
    widen_line(line, line + 1, grid[0] - 1);
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
  if (first_slab == 0) level.cells.assign(slab * static_cast<std::size_t>(grid[2]), Bounds{});
  const std::int64_t slab_voxels = std::int64_t{level.size[0]} * level.size[1] * kCellVoxels;
  const auto count = static_cast<int>(std::clamp<std::int64_t>(at_most_voxels / slab_voxels, 1, grid[2] - first_slab));
  image::visit_dtype(level.dtype, [&](auto zero) {
    pool.for_each_index(static_cast<std::size_t>(count), [&](std::size_t i) {
      const std::size_t z = static_cast<std::size_t>(first_slab) + i;
      build_slab<decltype(zero)>(level, grid, static_cast<int>(z), level.cells.data() + z * slab);
    });
  });
  // Each with the next along z, which does not know its own next yet.
  const int end = first_slab + count;
  pool.for_each_index(static_cast<std::size_t>(grid[1]), [&](std::size_t y) {
    for (int z = std::max(first_slab - 1, 0); z + 1 < end; ++z) {
      Bounds* const line =
          level.cells.data() + static_cast<std::size_t>(z) * slab + y * static_cast<std::size_t>(grid[0]);
      widen_line(line, line + slab, grid[0]);
    }
  });
  return end;
}

}  // namespace ndcast::render
