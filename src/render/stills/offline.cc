#include "render/stills/offline.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "base/thread_pool.h"
#include "plan/camera.h"
#include "plan/canonical_pose.h"
#include "render/engine/level_chooser.h"
#include "render/engine/view_scene.h"

namespace ndcast::render {
namespace {

/// Decoded chunks held at once besides the cache.
constexpr std::size_t kBatchBytes = std::size_t{64} << 20;

Result<void> check_size(int width, int height) {
  if (width >= 1 && height >= 1 && static_cast<std::int64_t>(width) * height <= limits::kStillPixels) return {};
  return fail(ErrorCode::Invalid, "a picture of {}×{} pixels: expected at least 1×1 and at most {} pixels", width,
              height, limits::kStillPixels);
}

Result<void> check_images(const scene::SceneSnapshot& snapshot, const Images& images) {
  for (const auto& layer : snapshot.layers) {
    if (!layer->controls.visible || images.contains(layer->meta.uri)) continue;
    return fail(ErrorCode::NotFound, "layer \"{}\": its image {} is not open", layer->controls.name, layer->meta.uri);
  }
  return {};
}

using ChunkMap = std::map<std::pair<std::uint64_t, std::vector<std::int64_t>>, image::ChunkPtr>;

/// Decodes the most urgent of `missing`, about kBatchBytes of them, on all cores.
Result<ChunkMap> load_batch(const std::vector<image::ChunkRequest>& missing, image::ChunkLoader& loader,
                            ThreadPool& pool) {
  std::size_t count = 0;
  for (std::size_t bytes = 0; count < missing.size() && bytes < kBatchBytes; ++count) {
    bytes += missing[count].array->chunk_bytes();
  }
  std::mutex mutex;
  ChunkMap chunks;
  std::optional<Error> error;
  pool.for_each_index(count, [&](std::size_t i) {
    const image::ChunkRequest& request = missing[i];
    Result<image::ChunkPtr> chunk = loader.load_now(*request.array, request.chunk);
    const std::lock_guard lock(mutex);
    if (chunk) {
      chunks[{request.array->id(), request.chunk}] = std::move(*chunk);
    } else if (!error) {
      error = chunk.error();
    }
  });
  if (error) return std::unexpected(*error);
  return chunks;
}

Result<void> check_cost(const std::vector<image::ChunkRequest>& missing, std::size_t max_bytes) {
  std::size_t bytes = 0;
  for (const image::ChunkRequest& request : missing) {
    if (request.array->chunk_bytes() > max_bytes - bytes) {
      return fail(ErrorCode::Limit, "the picture takes more than {} MiB of voxels", max_bytes >> 20);
    }
    bytes += request.array->chunk_bytes();
  }
  return {};
}

Result<void> load_all(ViewScene& scene, image::ChunkLoader& loader, ThreadPool& pool, std::size_t max_bytes) {
  ChunkMap batch;
  const ChunkFinder find = [&](const image::ZarrArray& array, std::span<const std::int64_t> chunk) -> image::ChunkPtr {
    const auto loaded = batch.find({array.id(), {chunk.begin(), chunk.end()}});
    return loaded != batch.end() ? loaded->second : loader.find(array, chunk);
  };
  while (true) {
    while (scene.fetch(find).stopped) {
    }
    const std::vector<image::ChunkRequest> missing = scene.missing();
    if (missing.empty()) break;
    ND_TRY(check_cost(missing, max_bytes));
    batch.clear();
    ND_ASSIGN(batch, load_batch(missing, loader, pool));
  }
  if (scene.complete() && scene.obstacle().empty()) return {};
  return fail(ErrorCode::Limit, "{}", scene.obstacle());
}

/// The state as a picture of `canvas` shows it: the 2D rectangle widened to the canvas' aspect.
AppliedView resized(const AppliedView& before, const scene::Canvas& canvas) {
  AppliedView view = before;
  auto block = std::make_shared<scene::ViewBlock>(*view.view);
  block->canvas = canvas;
  const plan::CameraFrame frame{*view.axes, block->order, canvas};
  view.plane = plan::apply(scene::SetPoseVerb{.rect = view.plane.rect}, view.plane, frame);
  view.view = std::move(block);
  return view;
}

}  // namespace

StillMaker::StillMaker(const Images& images, image::ChunkLoader& loader, Renderer& renderer,
                       const StillOptions& options)
    : images_(images),
      loader_(loader),
      renderer_(renderer),
      options_(options),
      pool_("still", options.threads),
      scene_(pool_, /*with_fallbacks=*/false) {}

Result<Picture> StillMaker::make(const scene::SceneSnapshot& snapshot, const scene::ViewId& id, int width, int height) {
  const scene::ViewState* state = snapshot.find_view(id);
  if (!state) return fail(ErrorCode::NotFound, "there is no view \"{}\"", id.value);
  ND_TRY(check_size(width, height));
  ND_TRY(check_images(snapshot, images_));

  RenderTxn txn;
  txn.apply(snapshot, *state);
  AppliedView view = txn.view();
  const bool own_size = view.view->canvas.width == width && view.view->canvas.height == height;
  if (!own_size) view = resized(view, {width, height, view.view->canvas.dpr});

  // A level that no render thread has decided on yet is only a guess.
  const bool decided = view.lod->shown.reason != "bootstrap";
  const std::optional<LayerTarget> first = ViewScene::first_target(view, images_);
  scene_.aim(view, images_, view.lod->shown.level);
  // Nor does one that was decided on for another mode or camera need to fit.
  if (first && !(own_size && decided && scene_.obstacle().empty())) {
    LevelChooser chooser;
    chooser.decide(view, *first, ViewScene::visible_layers(view), true, {});
    scene_.aim(view, images_, chooser.level());
  }
  ND_TRY(load_all(scene_, loader_, pool_, options_.max_chunk_bytes));
  Picture picture;
  ND_TRY(renderer_.render(scene_.input(view, plan::Quality{}), picture));
  return picture;
}

Result<Picture> render_still(const scene::SceneSnapshot& snapshot, const scene::ViewId& view, const Images& images,
                             image::ChunkLoader& loader, Renderer& renderer, int width, int height,
                             const StillOptions& options) {
  return StillMaker(images, loader, renderer, options).make(snapshot, view, width, height);
}

}  // namespace ndcast::render
