#pragma once
// Least and greatest voxel of each channel, as the voxels come by.

#include <cmath>
#include <cstddef>
#include <optional>
#include <vector>

#include "convert/source.h"

namespace ndcast::convert {

struct ValueRange {
  double min = INFINITY;
  double max = -INFINITY;

  bool empty() const { return min > max; }
  void join(const ValueRange& other) {
    min = std::min(min, other.min);
    max = std::max(max, other.max);
  }
};

/// One range a channel of a dense box of `extent`; `axis` is the channels', nothing: all one channel. Values that are
/// not finite do not count.
std::vector<ValueRange> value_ranges(image::DType dtype, const std::byte* voxels, const Shape& extent,
                                     std::optional<std::size_t> axis);

}  // namespace ndcast::convert
