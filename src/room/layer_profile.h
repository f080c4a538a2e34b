#pragma once
// Layers along a line through the world (protocol.md WP41).
//
//   ND_ASSIGN(const session::Profile seen, profile_layers(layers, query, *loader));

#include <vector>

#include "room/layer_place.h"
#include "session/reading.h"

namespace ndcast::room {

/// Of each layer the voxels of the finest level that has no more than limits::kProfileSamples along the line, and of
/// whose chunks no more than its part of limits::kReadingBytes have to be decoded. Samples are as far apart as the
/// smallest of those voxels. Blocks. Errors: Invalid (a coarsest level of which too much would have to be decoded),
/// those of the chunks when none decodes.
Result<session::Profile> profile_layers(const std::vector<PlacedLayer>& layers, const session::ProfileQuery& query,
                                        image::ChunkLoader& loader);

}  // namespace ndcast::room
