#include "render/cpu/volume.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <optional>
#include <vector>

#include "render/camera_math.h"
#include "render/cpu/volume_march.h"
#include "render/cpu/volume_tile.h"
#include "render/cpu/volume_view.h"
#include "render/label_ray.h"

namespace ndcast::render {
namespace {

void draw_labels(const VolumeLayerView& layer, const RayCamera& camera, double frame_step, Tile& tile) {
  for (int row = 0; row < tile.height; ++row) {
    for (int column = 0; column < tile.width; ++column) {
      const Ray ray = camera.ray_at({tile.left + column + 0.5, tile.top + row + 0.5});
      const std::optional<Contribution> seen = label_pixel(*layer.labels, ray, frame_step, true);
      if (!seen) continue;
      blend_pixel(layer, *seen, static_cast<std::size_t>(row) * kMarchTile + static_cast<std::size_t>(column), tile);
    }
  }
}

}  // namespace

bool draw_volumes(const FrameInput& input, ThreadPool& pool, Picture& out) {
  std::vector<VolumeLayerView> layers;
  layers.reserve(input.layers.size());
  for (const LayerInput& layer : input.layers) {
    if (!layer.volumes.empty()) layers.push_back(volume_layer_view(layer, input));
  }
  for (VolumeLayerView& layer : layers) layer.bind();
  const Rgb<float> background{static_cast<float>(input.background[0]) / 255.0F,
                              static_cast<float>(input.background[1]) / 255.0F,
                              static_cast<float>(input.background[2]) / 255.0F};
  const RayCamera camera(input.volume, input.width, input.height);
  const int columns = (input.width + kMarchTile - 1) / kMarchTile;
  const int rows = (input.height + kMarchTile - 1) / kMarchTile;
  std::atomic<bool> is_whole{true};
  pool.for_each_index(static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows), [&](std::size_t i) {
    if (is_cancelled(input)) {
      is_whole = false;
      return;
    }
    thread_local MarchScratch scratch;
    Tile tile;
    tile.left = static_cast<int>(i) % columns * kMarchTile;
    tile.top = static_cast<int>(i) / columns * kMarchTile;
    tile.width = std::min(kMarchTile, input.width - tile.left);
    tile.height = std::min(kMarchTile, input.height - tile.top);
    fill(tile, background);
    for (const VolumeLayerView& layer : layers) {
      if (layer.labels) {
        draw_labels(layer, camera, input.sample_step, tile);
      } else {
        march_tile(layer.march, tile.left, tile.top, scratch);
        blend_layer(layer, scratch.seen, tile);
      }
    }
    store(tile, out);
  });
  return is_whole;
}

}  // namespace ndcast::render
