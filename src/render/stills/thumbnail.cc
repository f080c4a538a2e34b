#include "render/stills/thumbnail.h"

#include <algorithm>
#include <cmath>

#include "base/limits.h"
#include "plan/canonical_pose.h"
#include "render/stills/offline.h"

namespace ndcast::render {
namespace {

scene::Canvas small_canvas(const scene::AxesSpec& axes, const scene::ViewBlock& view) {
  scene::Canvas canvas{limits::kThumbnailPixels, limits::kThumbnailPixels, 1.0};
  if (view.mode == scene::Mode::Volume) return canvas;
  const auto [x, y] = plan::displayed_extents<2>(axes, view.order);
  const double longest = std::max(x.size(), y.size());
  const auto pixels = [&](double size) {
    return std::max(1, static_cast<int>(std::lround(limits::kThumbnailPixels * size / longest)));
  };
  canvas.width = pixels(x.size());
  canvas.height = pixels(y.size());
  return canvas;
}

}  // namespace

Result<Picture> render_thumbnail(const scene::SceneSnapshot& snapshot, const scene::ViewId& view,
                                 const scene::LayerId& layer, const Images& images, image::ChunkLoader& loader,
                                 Renderer& renderer) {
  const scene::ViewState* const state = snapshot.find_view(view);
  const scene::LayerBlock* const whole = snapshot.find_layer(layer);
  if (!state || !whole) {
    return fail(ErrorCode::NotFound, "there is no view \"{}\" or no layer \"{}\"", view.value, layer.value);
  }
  auto alone = std::make_shared<scene::LayerBlock>(*whole);
  alone->controls.visible = true;
  alone->controls.opacity = 1.0;

  auto block = std::make_shared<scene::ViewBlock>(*state->view);
  block->canvas = small_canvas(*snapshot.axes, *block);
  scene::ViewState small = *state;
  small.camera = std::make_shared<const scene::CameraBlock>(
      scene::CameraBlock{plan::fitted_plane_pose(*snapshot.axes, block->order, block->canvas),
                         plan::fitted_volume_pose(*snapshot.axes, block->order, block->canvas)});
  // The level is the picture's own: what the view shows or has locked is for another size.
  auto lod = std::make_shared<scene::LodBlock>();
  lod->shown.reason = "bootstrap";
  small.lod = std::move(lod);
  small.view = block;

  scene::SceneSnapshot scene = snapshot;
  scene.layers = {std::move(alone)};
  scene.views = {{view, std::move(small)}};
  return render_still(scene, view, images, loader, renderer, block->canvas.width, block->canvas.height,
                      {.max_chunk_bytes = limits::kThumbnailBytes, .threads = 1});
}

ThumbnailSubject thumbnail_subject(const scene::SceneSnapshot& snapshot, const scene::ViewState& view,
                                   const std::shared_ptr<const scene::LayerBlock>& layer) {
  return {layer, view.index, view.margins, snapshot.axes, view.view->displayed};
}

}  // namespace ndcast::render
