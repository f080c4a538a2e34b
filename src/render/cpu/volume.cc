#include "render/cpu/volume.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <optional>
#include <type_traits>
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

/// Calls visit(std::integral_constant) with the step, so that what is done for every pixel does not ask for it.
template <class Visit>
void visit_step(BlendStep step, Visit&& visit) {
  switch (step) {
    case BlendStep::Over:
      return visit(std::integral_constant<BlendStep, BlendStep::Over>());
    case BlendStep::Add:
      return visit(std::integral_constant<BlendStep, BlendStep::Add>());
    case BlendStep::Add0:
      return visit(std::integral_constant<BlendStep, BlendStep::Add0>());
    case BlendStep::Replace:
      return visit(std::integral_constant<BlendStep, BlendStep::Replace>());
    case BlendStep::Minimum:
      return visit(std::integral_constant<BlendStep, BlendStep::Minimum>());
    case BlendStep::Maximum:
      return visit(std::integral_constant<BlendStep, BlendStep::Maximum>());
    case BlendStep::Multiply:
      return visit(std::integral_constant<BlendStep, BlendStep::Multiply>());
  }
}

/// Lays what a layer's rays saw over what is below.
template <BlendStep kStep>
class Blender {
 public:
  explicit Blender(const VolumeLayerView& layer) : layer_(layer), curved_(!layer.look->opacity_curve.empty()) {}

  void pixel(const Rgb<float>& source, const Rgb<float>& premultiplied, float alpha, Rgb<float>& below) const {
    for (std::size_t i = 0; i < 3; ++i) {
      below[i] = blend(kStep, below[i], source[i], premultiplied[i] * layer_.share, alpha * layer_.share);
    }
  }

  void seen(const ColorAlpha& seen, Rgb<float>& below) const {
    using scene::Rendering;
    switch (layer_.look->rendering) {
      case Rendering::Translucent:
        return gathered({seen.red, seen.green, seen.blue}, seen.alpha, below);
      case Rendering::Additive:
        return gathered({std::min(seen.red, 1.0F), std::min(seen.green, 1.0F), std::min(seen.blue, 1.0F)},
                        std::min(seen.alpha, 1.0F), below);
      case Rendering::Iso:
        if (seen.alpha > 0) surface(seen.red, below);
        return;
      case Rendering::AttenuatedMip:
        if (seen.alpha > 0) {
          value(seen.red, [&] { return layer_.data_window.value_at(static_cast<double>(seen.red)); }, below);
        }
        return;
      case Rendering::Mip:
      case Rendering::Minip:
      case Rendering::Average:
        if (seen.alpha > 0) value(layer_.window(seen.red), [&] { return layer_.data_of(seen.red); }, below);
    }
  }

 private:
  /// `place` in the window, [0, 1], of a value that `data_value` gives in data units.
  template <class DataValue>
  void value(float place, DataValue&& data_value, Rgb<float>& below) const {
    const ColorAlpha& top = layer_.colors[static_cast<std::size_t>(layer_.index(place))];
    const float alpha = curved_ ? static_cast<float>(opacity_at(*layer_.look, data_value())) : top.alpha;
    pixel({top.red, top.green, top.blue}, {top.red * alpha, top.green * alpha, top.blue * alpha}, alpha, below);
  }

  void surface(float facing, Rgb<float>& below) const {
    const float alpha = layer_.surface.alpha;
    const Rgb<float> color = lit<float>({layer_.surface.red, layer_.surface.green, layer_.surface.blue}, facing);
    pixel(color, {color[0] * alpha, color[1] * alpha, color[2] * alpha}, alpha, below);
  }

  void gathered(const Rgb<float>& premultiplied, float alpha, Rgb<float>& below) const {
    if (alpha <= 0) return;
    Rgb<float> source;
    for (std::size_t i = 0; i < 3; ++i) source[i] = gathered_source(kStep, premultiplied[i], alpha);
    pixel(source, premultiplied, alpha, below);
  }

  const VolumeLayerView& layer_;
  const bool curved_;
};

/// Calls visit(blender, pixel of the tile, its column, its row).
template <class Visit>
void visit_pixels(const VolumeLayerView& layer, const Tile& tile, Visit&& visit) {
  visit_step(layer.step, [&](auto step) {
    const Blender<step()> blender(layer);
    for (int row = 0; row < tile.height; ++row) {
      for (int column = 0; column < tile.width; ++column) {
        visit(blender, static_cast<std::size_t>(row) * kMarchTile + static_cast<std::size_t>(column), column, row);
      }
    }
  });
}

void draw_labels(const VolumeLayerView& layer, const RayCamera& camera, double frame_step, Tile& tile) {
  visit_pixels(layer, tile, [&](const auto& blender, std::size_t pixel, int column, int row) {
    const Ray ray = camera.ray_at({tile.left + column + 0.5, tile.top + row + 0.5});
    const std::optional<Contribution> seen = label_pixel(*layer.labels, ray, frame_step, true);
    if (!seen) return;
    const auto single = [](const Rgb<double>& color) {
      return Rgb<float>{static_cast<float>(color[0]), static_cast<float>(color[1]), static_cast<float>(color[2])};
    };
    blender.pixel(single(seen->source), single(seen->premultiplied), static_cast<float>(seen->alpha),
                  tile.colors[pixel]);
  });
}

void draw_layer(const VolumeLayerView& layer, MarchScratch& scratch, Tile& tile) {
  march_tile(layer.march, tile.left, tile.top, scratch);
  visit_pixels(layer, tile, [&](const auto& blender, std::size_t pixel, int, int) {
    blender.seen(scratch.seen[pixel], tile.colors[pixel]);
  });
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
