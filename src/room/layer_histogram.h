#pragma once
// A layer's values, counted on the level that can be afforded: of the few megabytes that are at hand at once, or of
// what a job may read.
//
//   ND_ASSIGN(const session::LayerHistogram seen,
//             count_layer({image, axes, scene_axes}, query, {.at_most_bytes = limits::kHistogramAtOnceBytes}));

#include <functional>

#include "image/histogram.h"
#include "room/layer_place.h"
#include "session/histogram.h"

namespace ndcast::room {

struct CountEffort {
  std::uint64_t at_most_bytes = 0;  ///< decoded; of a coarsest level with more, some chunks are left out
  /// Null: chunks are read for this alone, and not kept.
  image::ChunkLoader* loader = nullptr;
  std::function<bool(std::uint64_t done, std::uint64_t total)> on_progress;
};

/// Looks at the finest level of which the region fits the effort. Blocks. Errors: those of image::count_values().
Result<session::LayerHistogram> count_layer(const LayerPlace& place, const session::HistogramQuery& query,
                                            const CountEffort& effort);

}  // namespace ndcast::room
