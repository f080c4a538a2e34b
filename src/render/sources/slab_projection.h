#pragma once
// How the voxels of a slab become one: the sum, mean, maximum or minimum along the axes that are not displayed, put
// together from chunks in any order.
//
//   SlabProjection projection(array.dtype(), scene::ProjectionMode::Mean, voxels_of_the_box);
//   projection.take(chunk, offsets_of_the_slab_in_it, axes, first_voxel);     // once a chunk
//   projection.finish(axes, first_voxel);                                     // all of a block's chunks are in
//   read(projection.dtype(), projection.data());
//
// Voxels that are not finite count for nothing; where there is no other the result is NaN. Maximum and minimum are of
// the voxels' type; sum and mean are float32, or float64 of types of more than 16 bits.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/buffer.h"
#include "image/dtype.h"
#include "render/sources/voxel_gather.h"
#include "scene/types.h"

namespace ndcast::render {

/// Calls that name different voxels may run at once.
class SlabProjection {
 public:
  /// `voxels` of the result. `mode` is not None.
  SlabProjection(image::DType source, scene::ProjectionMode mode, std::size_t voxels);

  image::DType dtype() const { return dtype_; }
  const std::byte* data() const { return result_.data(); }
  std::size_t bytes() const;
  /// Memory of one voxel of the result.
  static std::size_t bytes_per_voxel(image::DType source, scene::ProjectionMode mode);

  /// Takes in the voxels source[offset + Σ i·source_stride] for the voxels first + Σ i·target_stride of the result, all
  /// i below the counts; offsets and strides in elements.
  void take(const std::byte* source, std::span<const std::int64_t> offsets, const std::array<GatherAxis, 3>& axes,
            std::int64_t first);
  /// Makes sums and means of what these voxels have taken in.
  void finish(const std::array<GatherAxis, 3>& axes, std::int64_t first);

  /// Takes over voxels that `other`, of the same kind, has finished: theirs from `source_first` along source_stride.
  void adopt(const SlabProjection& other, std::int64_t source_first, const std::array<GatherAxis, 3>& axes,
             std::int64_t first);

 private:
  image::DType source_;
  scene::ProjectionMode mode_;
  image::DType dtype_;
  Buffer result_;
  std::vector<double> sums_;           ///< of sum and mean
  std::vector<std::uint32_t> counts_;  ///< of sum and mean: voxels taken in
};

}  // namespace ndcast::render
