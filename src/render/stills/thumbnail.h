#pragma once
// A layer in small, for lists of layers: the whole of it, alone, in the mode, at the index and with the look that a
// view gives it. Where people look from is left out, so a camera move makes no new one.
//
//   ND_ASSIGN(const Picture small, render_thumbnail(*snapshot, kMainView, layer_id, images, loader, *renderer));

#include "base/result.h"
#include "image/chunk_loader.h"
#include "render/renderer.h"
#include "render/sources/layer_target.h"
#include "scene/snapshot.h"

namespace ndcast::render {

/// At most limits::kThumbnailPixels on each side, of the displayed extents' aspect in 2D, square in 3D. Blocks on the
/// caller's thread, until the voxels of the fitting level are read. Errors: NotFound (no such view or layer), Limit
/// (more than limits::kThumbnailBytes of voxels), those of reading chunks and of the renderer.
Result<Picture> render_thumbnail(const scene::SceneSnapshot& snapshot, const scene::ViewId& view,
                                 const scene::LayerId& layer, const Images& images, image::ChunkLoader& loader,
                                 Renderer& renderer);

/// What a thumbnail shows: while these are the same, so is the picture.
struct ThumbnailSubject {
  std::shared_ptr<const scene::LayerBlock> layer;
  std::shared_ptr<const scene::IndexBlock> index;
  std::shared_ptr<const scene::MarginBlock> margins;
  std::shared_ptr<const scene::AxesSpec> axes;
  std::vector<int> displayed;
  friend bool operator==(const ThumbnailSubject&, const ThumbnailSubject&) = default;
};
ThumbnailSubject thumbnail_subject(const scene::SceneSnapshot& snapshot, const scene::ViewState& view,
                                   const std::shared_ptr<const scene::LayerBlock>& layer);

}  // namespace ndcast::render
