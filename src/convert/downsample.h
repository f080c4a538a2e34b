#pragma once
// Halving boxes of voxels along some axes: the mean of each block, or for labels the value that occurs most.
//
//   downsample(DType::UInt16, Method::Mean, voxels, {64, 64, 64}, {2, 2, 2}, {out, {32, 32, 32}, {0, 0, 0}});

#include "convert/source.h"

namespace ndcast::convert {

enum class Method {
  Mean,  ///< integers: rounded, halves to even; floating point: without NaN, summed in double; bool: more than half
  Mode,  ///< the most frequent value of the block, the smallest of several
};

/// `voxels`: dense, `extent` long, native endian. `factor`: 1 or 2 an axis. Writes the box ceil(extent / factor) at
/// target.start; a block at an odd end is made of what there is. Thread-safe on different boxes.
void downsample(image::DType dtype, Method method, const std::byte* voxels, const Shape& extent, const Shape& factor,
                const Target& target);

/// IEEE 754 binary16, rounded to nearest even.
image::Half to_half(float value);

}  // namespace ndcast::convert
