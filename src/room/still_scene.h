#pragma once
// A scene without a room: what `ndcast render` shows. Made of an image alone, or of a scene file.
//
//   ND_ASSIGN(const StillScene scene, make_still_scene({.uri = "/data/embryo.ome.zarr"}, loader));
//   ND_ASSIGN(const render::Picture picture,
//             render::render_still(*scene.snapshot, scene::kMainView, scene.images, loader, *renderer, 1280, 720));

#include <map>
#include <optional>
#include <string>

#include "base/json.h"
#include "image/chunk_loader.h"
#include "image/remote/remote.h"
#include "render/engine/render_worker.h"
#include "scene/snapshot.h"

namespace ndcast::room {

struct StillRequest {
  std::string uri;                            ///< empty: the scene file's source
  std::optional<Json> scene_file;             ///< as protocol::scene_to_json() prints it
  std::map<std::string, std::int64_t> index;  ///< by axis label
  std::optional<int> ndisplay;
  scene::Canvas canvas;                                   ///< of a scene without a file
  std::shared_ptr<const image::Remote> remote = nullptr;  ///< null: local files only
};

struct StillScene {
  scene::SnapshotPtr snapshot;
  render::Images images;
};

/// Blocks. Errors: those of opening the image; Invalid for a scene file that is malformed or of another image, and for
/// an index or ndisplay that the image does not have.
Result<StillScene> make_still_scene(const StillRequest& request, image::ChunkLoader& loader);

}  // namespace ndcast::room
