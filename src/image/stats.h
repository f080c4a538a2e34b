#pragma once
// One pass over an array's voxels: extremes, mean, digest. For `ndcast info --stats`, the statistics of a layer, tests.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>

#include "image/zarr_array.h"

namespace ndcast::image {

/// An element exactly: integers (and bool as 0 or 1) in 64 bits, floating point as double.
using Scalar = std::variant<std::int64_t, std::uint64_t, double>;

struct ArrayStats {
  /// Over voxels that are not NaN; nothing when there is none.
  std::optional<Scalar> min;
  std::optional<Scalar> max;
  std::optional<double> mean;  ///< accumulated in double, chunk sums first; infinities propagate
  std::uint64_t nan_count = 0;
  std::string sha256;  ///< of all elements in C order, little endian; hexadecimal
};

/// More voxels than this are refused: at the 1 GB/s that a digest takes they would be an hour, and shapes beyond are
/// declared far more often than stored.
inline constexpr std::int64_t kStatsVoxels = std::int64_t{1} << 41;

/// The part of an array at one position of an axis.
struct AxisPosition {
  int axis = 0;
  std::int64_t position = 0;
};

struct StatsRequest {
  std::optional<AxisPosition> at;  ///< nothing: the whole array
  /// Told now and then how many of how many bytes are done; false ends the pass with Cancelled.
  std::function<bool(std::uint64_t done, std::uint64_t total)> on_progress;
};

/// Blocks for as long as the array takes; memory stays under about 100 MiB beyond one chunk. Errors: Limit
/// (more than kStatsVoxels), Cancelled, those of ZarrArray::read_chunk().
Result<ArrayStats> compute_stats(const ZarrArray& array, const StatsRequest& request = {});

}  // namespace ndcast::image
