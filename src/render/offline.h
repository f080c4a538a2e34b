#pragma once
// One picture of a scene with every visible chunk in it: `ndcast render`, screenshots, tests. The way from chunks to
// voxels is the render thread's own (slice_source.h, volume_source.h), so both show the same.
//
//   ND_ASSIGN(const Picture still, render_still(*snapshot, kMainView, images, loader, *renderer, 1280, 720));

#include <cstdint>

#include "base/result.h"
#include "image/chunk_loader.h"
#include "render/render_worker.h"
#include "render/renderer.h"
#include "scene/snapshot.h"

namespace ndcast::render {

struct StillOptions {
  std::size_t max_chunk_bytes = SIZE_MAX;  ///< decoded chunks that it may take; more is refused before any is read
  std::size_t threads = 0;                 ///< that read and copy, the caller's included; 0: one a core
};

/// Blocks until all visible chunks are decoded, on the caller's thread. When width × height is the view's canvas, the
/// level is the one that the view shows (lod.shown.level, unless its reason is still "bootstrap"); otherwise it is
/// planned for that size and the 2D rectangle is widened to its aspect. Errors: NotFound (no such view), Invalid
/// (size), Limit (options, or more than can be shown), those of reading chunks and of the renderer.
Result<Picture> render_still(const scene::SceneSnapshot& snapshot, const scene::ViewId& view, const Images& images,
                             image::ChunkLoader& loader, Renderer& renderer, int width, int height,
                             const StillOptions& options = {});

}  // namespace ndcast::render
