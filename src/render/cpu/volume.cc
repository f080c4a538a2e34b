#include "render/cpu/volume.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <optional>
#include <vector>

#include "render/camera_math.h"
#include "render/cpu/volume_march.h"
#include "render/cpu/volume_view.h"
#include "render/label_ray.h"
#include "render/ray_modes.h"

namespace ndcast::render {
namespace {

/// One tile of the picture with its colours so far.
struct Tile {
  int left;
  int top;
  int width;
  int height;
  std::array<Rgb<float>, static_cast<std::size_t>(kMarchTile) * kMarchTile> colors;
};

void blend_pixel(const VolumeLayerView& layer, const Rgb<float>& source, const Rgb<float>& premultiplied, float alpha,
                 Rgb<float>& below) {
  for (std::size_t i = 0; i < 3; ++i) {
    below[i] = blend(layer.step, below[i], source[i], premultiplied[i] * layer.share, alpha * layer.share);
  }
}

/// `place` in the window, [0, 1], of `value` in data units.
void blend_value(const VolumeLayerView& layer, float place, double value, Rgb<float>& below) {
  ColorAlpha top = layer.colors[static_cast<std::size_t>(layer.index(place))];
  if (!layer.look->opacity_curve.empty()) top.alpha = static_cast<float>(opacity_at(*layer.look, value));
  blend_pixel(layer, {top.red, top.green, top.blue}, {top.red * top.alpha, top.green * top.alpha, top.blue * top.alpha},
              top.alpha, below);
}

void blend_surface(const VolumeLayerView& layer, float facing, Rgb<float>& below) {
  const float alpha = layer.surface.alpha;
  const Rgb<float> color = lit<float>({layer.surface.red, layer.surface.green, layer.surface.blue}, facing);
  blend_pixel(layer, color, {color[0] * alpha, color[1] * alpha, color[2] * alpha}, alpha, below);
}

void blend_gathered(const VolumeLayerView& layer, const Rgb<float>& premultiplied, float alpha, Rgb<float>& below) {
  if (alpha <= 0) return;
  Rgb<float> source;
  for (std::size_t i = 0; i < 3; ++i) source[i] = gathered_source(layer.step, premultiplied[i], alpha);
  blend_pixel(layer, source, premultiplied, alpha, below);
}

void blend_light(const VolumeLayerView& layer, const ColorAlpha& seen, Rgb<float>& below) {
  blend_gathered(layer, {std::min(seen.red, 1.0F), std::min(seen.green, 1.0F), std::min(seen.blue, 1.0F)},
                 std::min(seen.alpha, 1.0F), below);
}

void blend_seen(const VolumeLayerView& layer, const ColorAlpha& seen, Rgb<float>& below) {
  using scene::Rendering;
  switch (layer.look->rendering) {
    case Rendering::Translucent:
      return blend_gathered(layer, {seen.red, seen.green, seen.blue}, seen.alpha, below);
    case Rendering::Additive:
      return blend_light(layer, seen, below);
    case Rendering::Iso:
      if (seen.alpha > 0) blend_surface(layer, seen.red, below);
      return;
    case Rendering::AttenuatedMip:
      if (seen.alpha > 0) {
        blend_value(layer, seen.red, layer.data_window.value_at(static_cast<double>(seen.red)), below);
      }
      return;
    case Rendering::Mip:
    case Rendering::Minip:
    case Rendering::Average:
      if (seen.alpha > 0) blend_value(layer, layer.window(seen.red), layer.data_of(seen.red), below);
  }
}

void draw_labels(const VolumeLayerView& layer, const RayCamera& camera, double frame_step, Tile& tile) {
  for (int row = 0; row < tile.height; ++row) {
    for (int column = 0; column < tile.width; ++column) {
      const Ray ray = camera.ray_at({tile.left + column + 0.5, tile.top + row + 0.5});
      const std::optional<Contribution> seen = label_pixel(*layer.labels, ray, frame_step, true);
      if (!seen) continue;
      const auto single = [](const Rgb<double>& color) {
        return Rgb<float>{static_cast<float>(color[0]), static_cast<float>(color[1]), static_cast<float>(color[2])};
      };
      const auto pixel = static_cast<std::size_t>(row) * kMarchTile + static_cast<std::size_t>(column);
      blend_pixel(layer, single(seen->source), single(seen->premultiplied), static_cast<float>(seen->alpha),
                  tile.colors[pixel]);
    }
  }
}

void draw_layer(const VolumeLayerView& layer, MarchScratch& scratch, Tile& tile) {
  march_tile(layer.march, tile.left, tile.top, scratch);
  for (int row = 0; row < tile.height; ++row) {
    for (int column = 0; column < tile.width; ++column) {
      const auto pixel = static_cast<std::size_t>(row) * kMarchTile + static_cast<std::size_t>(column);
      blend_seen(layer, scratch.seen[pixel], tile.colors[pixel]);
    }
  }
}

void store(const Tile& tile, Picture& out) {
  for (int row = 0; row < tile.height; ++row) {
    const std::size_t first = static_cast<std::size_t>(tile.top + row) * static_cast<std::size_t>(out.width) +
                              static_cast<std::size_t>(tile.left);
    std::uint8_t* rgba = out.rgba.data() + first * 4;
    for (int column = 0; column < tile.width; ++column, rgba += 4) {
      const Rgb<float>& color =
          tile.colors[static_cast<std::size_t>(row) * kMarchTile + static_cast<std::size_t>(column)];
      for (std::size_t i = 0; i < 3; ++i) rgba[i] = to_byte(std::min(color[i], 1.0F));
      rgba[3] = 255;
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
    Tile tile{};
    tile.left = static_cast<int>(i) % columns * kMarchTile;
    tile.top = static_cast<int>(i) / columns * kMarchTile;
    tile.width = std::min(kMarchTile, input.width - tile.left);
    tile.height = std::min(kMarchTile, input.height - tile.top);
    tile.colors.fill(background);
    for (const VolumeLayerView& layer : layers) {
      if (layer.labels) {
        draw_labels(layer, camera, input.sample_step, tile);
      } else {
        draw_layer(layer, scratch, tile);
      }
    }
    store(tile, out);
  });
  return is_whole;
}

}  // namespace ndcast::render
