#pragma once
// The min/max grid of a volume level: what lets a ray skip what cannot change the pixel. Built once when a volume is
// assembled (volume_source), read by every frame.
//
//   build_cells(level, pool);                     // fills level.cells
//   const auto [low, high] = bounds_of_cell(level, index);

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/thread_pool.h"
#include "render/renderer.h"

namespace ndcast::render {

/// Cells begin so many voxels apart: close enough that a packet of rays passes between bright ones. They take a quarter
/// of the memory of voxels of 16 and 32 bits, half of that of 8 bits.
inline constexpr int kCellVoxels = 2;

/// Bounds are of so many cells along each axis: a cell and what comes next. Fewer would take more look-ups, more are
/// looser.
inline constexpr int kCellSpan = 2;

/// Cells along x, y, z: the size divided by kCellVoxels, rounded up.
std::array<int, 3> cell_grid(const std::array<int, 3>& size);

/// Fills `level.cells` from `level.data`: cell (i, j, k) covers voxels 2i − 1 … 2i + 4 of x (y and z alike) that lie in
/// the volume, so that every sample between 2i and 2i + 4, trilinear or nearest, is a mean of voxels of cell i. Cells
/// overlap: what lies in two along an axis, as the samples of a short way of a few rays mostly do, is in the bounds of
/// the first, and is looked up once instead of eight times. Bounds of 32- and 64-bit types are rounded outwards to
/// float. Voxels that are not finite count for neither bound, but the minimum of a cell that holds one is −infinity; a
/// cell with nothing else has the maximum −infinity.
void build_cells(VolumeLevel& level, ThreadPool& pool);
/// The same by parts: slabs of cells from `first_slab` (0 begins) on, for about `at_most_voxels`. The slab to go on
/// with; that behind the last when all are done.
int build_cells(VolumeLevel& level, ThreadPool& pool, int first_slab, std::int64_t at_most_voxels);

/// {minimum, maximum} in data units of a cell of a level that has them.
std::array<float, 2> bounds_of_cell(const VolumeLevel& level, std::size_t index);

/// The least value of a type of 8 or 16 bits: what CellBounds::words count from.
float least_value(image::DType dtype);

}  // namespace ndcast::render
