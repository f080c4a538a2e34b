#pragma once
// The min/max grid of a volume level: what lets a ray skip what cannot change the pixel. Built once when a volume is
// assembled (volume_source), read by every frame.
//
//   build_cells(level, pool);    // fills level.cells

#include <array>
#include <cstddef>

#include "base/thread_pool.h"
#include "render/renderer.h"

namespace ndcast::render {

/// Voxels along each side of a cell. 8 is a compromise that the CPU prototype measured: 4 skips more, costs 8 times the
/// grid.
inline constexpr int kCellVoxels = 8;

/// Cells along x, y, z: the size divided by kCellVoxels, rounded up.
std::array<int, 3> cell_grid(const std::array<int, 3>& size);

/// Fills `level.cells` from `level.data`: cell (i, j, k) covers voxels 8i − 1 … 8i + 8 of x (y and z alike) that lie in
/// the volume, so that every sample between 8i and 8i + 8, trilinear or nearest, is a mean of voxels of cell i. Bounds
/// of 32- and 64-bit types are rounded outwards to float. Voxels that are not finite count for neither bound, but the
/// minimum of a cell that holds one is −infinity; a cell with nothing else has the maximum −infinity.
void build_cells(VolumeLevel& level, ThreadPool& pool);

}  // namespace ndcast::render
