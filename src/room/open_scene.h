#pragma once
// From an opened image to the scene that a new user sees: one layer a channel, sliders for the other axes, windows and
// colours as the image's metadata says or as a look at its coarsest level suggests, everything fitted into the picture.
//
//   ND_ASSIGN(const SceneImages images, open_scene_images(uri, open));
//   ND_ASSIGN(const reduce::NewScene scene, describe_scene(images, canvas, *loader));
//   ledger.commit({.changes = reduce::replace_scene(*ledger.snapshot(), kMainView, scene, canvas).changes, …});

#include "base/result.h"
#include "image/chunk_loader.h"
#include "image/image.h"
#include "reduce/reduce.h"
#include "room/scene_images.h"

namespace ndcast::room {

/// Blocks while a few chunks of the coarsest level are read (any thread but control). A channel axis of at most
/// limits::kLayers becomes layers "layer-0", "layer-1", …; a longer one stays a slider of a single layer. Label images
/// are the layers above them, hidden until somebody wants to see them. Errors: Unsupported for an image with fewer than
/// two axes besides channels.
Result<reduce::NewScene> describe_scene(const SceneImages& images, const scene::Canvas& canvas,
                                        image::ChunkLoader& loader);

}  // namespace ndcast::room
