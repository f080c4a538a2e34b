#pragma once
// What the voxels of a box are like together: the statistics of a rectangle drawn on a picture.
//
//   ND_ASSIGN(const BoxStats seen, summarise(*level.array, {.begin = {7, 0, 0}, .end = {8, 64, 64}}));

#include <cstdint>
#include <limits>

#include "image/voxel_box.h"

namespace ndcast::image {

/// Over the finite voxels; NaN where there is none.
struct BoxStats {
  double min = std::numeric_limits<double>::quiet_NaN();
  double max = std::numeric_limits<double>::quiet_NaN();
  double mean = std::numeric_limits<double>::quiet_NaN();
  double deviation = std::numeric_limits<double>::quiet_NaN();  ///< of the population: divided by the number of voxels
  double sum = 0;                                               ///< of integers exact below 2^53, where doubles end
  std::uint64_t voxels = 0;                                     ///< looked at
  std::uint64_t not_finite = 0;                                 ///< of them
  bool sampled = false;  ///< some chunks of the box were left out, or did not decode
};

/// Blocks. As BoxReader: chunks beyond `at_most_bytes` are left out evenly, those that do not decode too. Errors: those
/// of the chunks when none decodes.
Result<BoxStats> summarise(const ZarrArray& array, const VoxelBox& box, const ChunkSource& source = {},
                           std::uint64_t at_most_bytes = UINT64_MAX);

}  // namespace ndcast::image
