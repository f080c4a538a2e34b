#pragma once
// One pass over an array's voxels: extremes, mean, digest. For `ndcast info --stats` and tests.

#include <cstdint>
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

/// Blocks for as long as the array takes; memory stays under about 100 MiB beyond one chunk. Errors: those of
/// ZarrArray::read_chunk().
Result<ArrayStats> compute_stats(const ZarrArray& array);

}  // namespace ndcast::image
