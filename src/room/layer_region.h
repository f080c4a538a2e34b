#pragma once
// Statistics of layers in a box of the world (protocol.md WP42).

#include "room/layer_place.h"
#include "session/reading.h"

namespace ndcast::room {

/// Of the finest level of which the chunks in the box decode to at most `at_most_bytes`; of a coarsest level with more,
/// chunks are left out. Blocks. Errors: those of the chunks when none decodes.
Result<session::LayerRegion> summarise_layer(const PlacedLayer& layer, const session::RegionQuery& query,
                                             std::uint64_t at_most_bytes, image::ChunkLoader& loader);

}  // namespace ndcast::room
