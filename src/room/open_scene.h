#pragma once
// From an opened image to the scene that a new user sees: one layer a channel, sliders for the other axes, windows and
// colours as the image's metadata says or as a look at its coarsest level suggests, everything fitted into the picture.
//
//   ND_ASSIGN(const SceneImages images, open_scene_images(uri, open));
//   ND_ASSIGN(const reduce::NewScene scene, describe_scene(images, canvas, *loader));
//   ledger.commit({.changes = reduce::replace_scene(*ledger.snapshot(), kMainView, scene, canvas).changes, …});

#include <optional>
#include <string>
#include <vector>

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

/// Why an image of axes `added` (a described scene's) cannot lie in a scene of axes `scene`: along each axis, counted
/// from the last one, both have to be the same kind of thing in the same unit, and what the scene has no axis for has
/// one position (plan/layer_axes.h). Nothing when it can.
std::optional<std::string> misfit_of_axes(const scene::AxesSpec& scene, const scene::AxesSpec& added);

/// The images at `uris`, and their label images, added to a scene that is described already: their layers come above
/// its own. Those that are there already are left out; those that cannot be opened, or do not lie in the scene, are
/// told in the log and left out. Blocks, as describe_scene().
void add_images(const std::vector<std::string>& uris, const OpenImage& open, const scene::Canvas& canvas,
                image::ChunkLoader& loader, SceneImages& images, reduce::NewScene& scene);

}  // namespace ndcast::room
