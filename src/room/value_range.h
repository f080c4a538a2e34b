#pragma once
// A quick look at an image's values: enough to set a contrast slider before anything is on screen.

#include <array>
#include <optional>

#include "image/chunk_loader.h"
#include "image/image.h"

namespace ndcast::room {

struct ValueRange {
  std::array<double, 2> extremes{0, 1};  ///< least and greatest value seen
  std::array<double, 2> window{0, 1};    ///< 0.1 and 99.9 percentile, widened to two different numbers
};

/// Looks at up to `kSampledChunks` chunks of the image's coarsest level, spread over it, in channel `channel` (of the
/// whole image when unset). Nothing when no finite voxel was read. Blocks.
std::optional<ValueRange> sample_values(const image::Image& image, std::optional<int> channel,
                                        image::ChunkLoader& loader);

/// Chunks of coarsest levels are 1–16 MiB decoded; eight of them are read in some ten milliseconds.
inline constexpr int kSampledChunks = 8;

}  // namespace ndcast::room
