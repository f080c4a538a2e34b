#pragma once
// How often which value occurs in a box of an array: what contrast sliders are drawn over, and set by.
//
//   ND_ASSIGN(const Histogram seen, count_values(*level.array, {.box = {{0, 0, 0}, {16, 512, 512}}}));
//   layer.contrast_limits = {seen.percentile(0.1), seen.percentile(99.9)};

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include "image/voxel_box.h"

namespace ndcast::image {

struct Histogram {
  /// Least and greatest finite value; {0, 0} when there is none.
  std::array<double, 2> extremes{0, 0};
  /// Bin i holds the finite values in [first + i·width, first + (i+1)·width); the last one also its upper end. Bins of
  /// integers are whole numbers wide and begin on one, so that each holds as many different values.
  double first = 0;
  double width = 1;
  std::vector<std::uint64_t> counts;
  std::uint64_t voxels = 0;      ///< looked at
  std::uint64_t not_finite = 0;  ///< of them; in no bin
  bool sampled = false;          ///< some chunks of the box were left out, or did not decode

  /// The value that `percent` of the finite voxels do not exceed: exact for integers less than 65,536 apart, else
  /// within 1/65,536 of the extremes' distance. 0 when no voxel is finite.
  double percentile(double percent) const;

  /// What percentile() reads: counts of equal steps between the extremes.
  std::vector<std::uint64_t> fine;
};

struct HistogramRequest {
  VoxelBox box;  ///< inside the array; holds a voxel
  std::size_t bins = 256;
  /// Decoded bytes to look at: of a box with more, chunks are left out evenly.
  std::uint64_t at_most_bytes = UINT64_MAX;
  /// Told now and then how many of how many bytes are done; false ends the pass with Cancelled.
  std::function<bool(std::uint64_t done, std::uint64_t total)> on_progress;
};

/// Blocks. Values of more than 16 bits take two passes over the chunks, which `source` may keep. A chunk that does not
/// decode is left out. Errors: Cancelled; those of the chunks when none decodes.
Result<Histogram> count_values(const ZarrArray& array, const HistogramRequest& request, const ChunkSource& source = {});

}  // namespace ndcast::image
