#pragma once
// The voxel of a layer's finest level that covers a place in the world.

#include <span>

#include "image/chunk_loader.h"
#include "room/layer_histogram.h"
#include "session/probe.h"

namespace ndcast::room {

/// `world`: one coordinate a scene axis. Blocks: reads one chunk, through the loader's cache. Errors: those of the
/// chunk.
Result<session::LayerProbe> probe_layer(const scene::LayerId& layer, const LayerPlace& place,
                                        std::span<const double> world, image::ChunkLoader& loader);

}  // namespace ndcast::room
