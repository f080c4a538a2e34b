#pragma once
// Arrays and images made in memory, stored as uncompressed zarr v3: for tests, benchmarks and demonstrations.
//
//   const auto array = make_array(DType::UInt16, {4, 6}, {2, 3}, as_bytes(std::span(values)));
//   const auto image = make_image({array}, {"y", "x"});

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "image/image.h"

namespace ndcast::image {

/// `voxels`: C order, native endian, exactly the shape's bytes; empty makes a sparse array of which every voxel is 0.
/// A broken argument is a broken invariant.
std::shared_ptr<const ZarrArray> make_array(DType dtype, const std::vector<std::int64_t>& shape,
                                            const std::vector<std::int64_t>& chunk_shape,
                                            std::span<const std::byte> voxels = {});

/// Levels finest first; axis types follow the names t, c, z, y, x. Level scales are the shape ratios to level 0, level
/// 0 has scale 1; one ChannelInfo a channel.
std::shared_ptr<const Image> make_image(std::vector<std::shared_ptr<const ZarrArray>> levels,
                                        const std::vector<std::string>& axis_names, std::string name = "synthetic");

}  // namespace ndcast::image
