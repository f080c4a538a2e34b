#pragma once
// Pictures of a scene with every visible chunk in them: `ndcast render`, screenshots, tests. The way from chunks to
// voxels is the render thread's own (slice_source.h, volume_source.h), so both show the same.
//
//   ND_ASSIGN(const Picture still, render_still(*snapshot, kMainView, images, loader, *renderer, 1280, 720));
//
//   StillMaker maker(images, loader, *renderer);           // many of one scene: what they share is loaded once
//   for (const auto& snapshot : turn) ND_TRY(movie.add(*maker.make(snapshot, kMainView, 1280, 720)));

#include <cstdint>

#include "base/result.h"
#include "base/thread_pool.h"
#include "image/chunk_loader.h"
#include "render/engine/render_worker.h"
#include "render/engine/view_scene.h"
#include "render/renderer.h"
#include "scene/snapshot.h"

namespace ndcast::render {

struct StillOptions {
  std::size_t max_chunk_bytes = SIZE_MAX;  ///< decoded chunks that it may take; more is refused before any is read
  std::size_t threads = 0;                 ///< that read and copy, the caller's included; 0: one a core
};

/// Belongs to one thread. What it is given outlives it.
class StillMaker {
 public:
  StillMaker(const Images& images, image::ChunkLoader& loader, Renderer& renderer, const StillOptions& options = {});

  /// Blocks until all visible chunks are decoded, on the caller's thread. When width × height is the view's canvas, the
  /// level is the one that the view shows (lod.shown.level, unless its reason is still "bootstrap"); otherwise it is
  /// planned for that size and the 2D rectangle is widened to its aspect. Errors: NotFound (no such view), Invalid
  /// (size), Limit (options, or more than can be shown), those of reading chunks and of the renderer.
  Result<Picture> make(const scene::SceneSnapshot& snapshot, const scene::ViewId& view, int width, int height);

 private:
  const Images& images_;
  image::ChunkLoader& loader_;
  Renderer& renderer_;
  const StillOptions options_;
  ThreadPool pool_;
  ViewScene scene_;
};

/// One picture.
Result<Picture> render_still(const scene::SceneSnapshot& snapshot, const scene::ViewId& view, const Images& images,
                             image::ChunkLoader& loader, Renderer& renderer, int width, int height,
                             const StillOptions& options = {});

}  // namespace ndcast::render
