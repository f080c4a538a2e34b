#pragma once
// The voxel of a layer that covers a place in the world.

#include <optional>
#include <span>
#include <vector>

#include "room/layer_place.h"
#include "session/probe.h"

namespace ndcast::room {

/// Of a level, by the image's axes; nothing outside of the image. `world`: one coordinate a scene axis.
std::optional<std::vector<std::int64_t>> voxel_at(const LayerPlace& place, int level, std::span<const double> world);

/// Of the finest level. Blocks: reads one chunk, through the loader's cache. Errors: those of the chunk.
Result<session::LayerProbe> probe_layer(const scene::LayerId& layer, const LayerPlace& place,
                                        std::span<const double> world, image::ChunkLoader& loader);

}  // namespace ndcast::room
