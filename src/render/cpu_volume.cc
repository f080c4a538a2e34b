#include "render/cpu_volume.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include "render/camera_math.h"
#include "render/cpu_look.h"
#include "render/ray_modes.h"
#include "render/volume_cells.h"
#include "render/volume_march.h"
#include "render/volume_rays.h"

namespace ndcast::render {
namespace {

/// The window of no width is this steep where its place is computed: still finite, so that 0 times it is 0.
constexpr float kSteepest = 1e30F;

/// A volume layer made ready for the frame.
struct LayerView {
  BlendStep step;
  float share;  ///< blend_share()
  const LayerLook* look;
  LoadedWindow window;
  LookIndex index;
  double sample_step;
  MarchView march;
  std::vector<ColorAlpha> colors;  ///< of modes that show a value: colour and opacity by LookIndex
  std::vector<ColorAlpha> slabs;   ///< of those that gather colour: one step, by place in kSlabEntries
  Rgb<double> surface{};           ///< iso: before it is lit
  std::vector<std::array<float, 2>> converted_cells;  ///< of types that are windowed as they are loaded
};

template <class T>
void load_pairs(const void* voxels, const std::int32_t* offsets, std::int32_t to_next, std::size_t count, double low,
                double per_unit, float* at, float* next) {
  const VoxelLoader<T> load(low, per_unit);
  for (std::size_t i = 0; i < count; ++i) {
    const T* const voxel = static_cast<const T*>(voxels) + offsets[i];
    at[i] = load(voxel[0]);
    next[i] = load(voxel[to_next]);
  }
}

Vec3 in_voxels(const Vec3& world_direction, const VolumeLevel& volume) {
  return {world_direction[0] / volume.step[0], world_direction[1] / volume.step[1],
          world_direction[2] / volume.step[2]};
}

void set_camera(const FrameInput& input, const VolumeLevel& volume, double sample_step, MarchView& march) {
  const RayCamera camera(input.volume, input.width, input.height);
  const Vec3 origin{volume.origin[0], volume.origin[1], volume.origin[2]};
  march.eye = in_voxels(camera.eye() - origin, volume);
  march.corner = in_voxels(camera.corner(), volume);
  march.along_x = in_voxels(camera.along_x(), volume);
  march.along_y = in_voxels(camera.along_y(), volume);
  march.tangent_origin = {dot(camera.corner(), camera.right()), dot(camera.corner(), camera.up())};
  march.tangent_step = {dot(camera.along_x(), camera.right()), dot(camera.along_y(), camera.up())};
  march.step_length = sample_step * voxel_side(volume);
}

/// Samples that cross about a cell: fewer make more bounds to look up, more make them looser.
int samples_of_block(const VolumeLevel& volume, double step_length) {
  const double largest_side = std::max({std::abs(volume.step[0]), std::abs(volume.step[1]), std::abs(volume.step[2])});
  const double smallest_side = voxel_side(volume);
  const double cell_length = kCellVoxels * std::sqrt(smallest_side * largest_side);
  return static_cast<int>(std::clamp(std::round(cell_length / step_length), 1.0, double{kMostBlock}));
}

void set_cells(const VolumeLevel& volume, const Window& window, LayerView& view) {
  if (volume.cells.empty()) return;
  view.march.grid = cell_grid(volume.size);
  view.march.cells = volume.cells.data();
  image::visit_dtype(volume.dtype, [&](auto zero) {
    using T = decltype(zero);
    if constexpr (!kFitsFloat<T>) {
      const VoxelLoader<T> load(window);
      view.converted_cells.reserve(volume.cells.size());
      for (const auto& bounds : volume.cells) {
        view.converted_cells.push_back({load.bound(bounds[0]), load.bound(bounds[1])});
      }
      view.march.cells = view.converted_cells.data();
    }
  });
}

std::vector<ColorAlpha> value_colors(const LayerLook& look, const LookIndex& index) {
  std::vector<ColorAlpha> entries(kLookEntries);
  for (int i = 0; i < kLookEntries; ++i) {
    const Rgb<double> color = color_at(*look.colors, index.shown_at(i, kLookEntries));
    entries[static_cast<std::size_t>(i)] = {static_cast<float>(color[0]), static_cast<float>(color[1]),
                                            static_cast<float>(color[2]), static_cast<float>(look.opacity)};
  }
  return entries;
}

ColorAlpha slab_of(const LayerLook& look, double shown, double steps) {
  const double alpha = slab_alpha(look.opacity, shown, steps);
  const Rgb<double> color = color_at(*look.colors, shown);
  return {static_cast<float>(color[0] * alpha), static_cast<float>(color[1] * alpha),
          static_cast<float>(color[2] * alpha), static_cast<float>(alpha)};
}

/// The emission of one step.
ColorAlpha light_of(const LayerLook& look, double shown, double steps) {
  const double light = look.opacity * shown * steps;
  const Rgb<double> color = color_at(*look.colors, shown);
  return {static_cast<float>(color[0] * light), static_cast<float>(color[1] * light),
          static_cast<float>(color[2] * light), static_cast<float>(light)};
}

/// A value of data units as the voxels are loaded, rounded up: what is not below it is not below the value.
template <class T>
float loaded_up(const Window& window, double value) {
  const double loaded = kFitsFloat<T> ? value : (value - window.low()) * window.loading_per_unit();
  const auto nearest = static_cast<float>(loaded);
  return static_cast<double>(nearest) < loaded ? std::nextafter(nearest, std::numeric_limits<float>::infinity())
                                               : nearest;
}

void set_iso(const LayerLook& look, const VolumeLevel& volume, const Window& window, LayerView& view) {
  view.march.threshold = image::visit_dtype(
      volume.dtype, [&](auto zero) { return loaded_up<decltype(zero)>(window, look.iso_threshold); });
  for (std::size_t i = 0; i < 3; ++i) view.march.per_voxel[i] = static_cast<float>(1.0 / volume.step[i]);
  view.surface = color_at(*look.colors, std::pow(window(look.iso_threshold), look.gamma));
}

/// The tables and numbers of the layer's mode.
void set_mode(const LayerLook& look, const VolumeLevel& volume, const Window& window, LayerView& view) {
  using scene::Rendering;
  const auto fill_slabs = [&](auto&& slab) {
    view.slabs.resize(kSlabEntries);
    for (int i = 0; i < kSlabEntries; ++i) {
      view.slabs[static_cast<std::size_t>(i)] = slab(look, view.index.shown_at(i, kSlabEntries), view.sample_step);
    }
  };
  switch (look.rendering) {
    case Rendering::Translucent:
      return fill_slabs(slab_of);
    case Rendering::Additive:
      return fill_slabs(light_of);
    case Rendering::Iso:
      return set_iso(look, volume, window, view);
    case Rendering::AttenuatedMip:
      view.march.attenuation = static_cast<float>(look.attenuation * view.sample_step);
      [[fallthrough]];
    case Rendering::Mip:
    case Rendering::Minip:
    case Rendering::Average:
      view.colors = value_colors(look, view.index);
  }
}

LayerView layer_view(const LayerInput& layer, const FrameInput& input) {
  const LayerLook& look = layer.look;
  const VolumeLevel& volume = *layer.volumes.front();
  const Window window(look.contrast_limits);
  const bool fits_float = image::visit_dtype(volume.dtype, [](auto zero) { return kFitsFloat<decltype(zero)>; });
  LayerView view{.step = blend_step(look.blending, &layer == &input.layers.front()),
                 .share = static_cast<float>(blend_share(input, layer)),
                 .look = &look,
                 .window = LoadedWindow(window, fits_float),
                 .index = LookIndex(look.gamma),
                 .sample_step = input.sample_step * look.sample_step};
  MarchView& march = view.march;
  march.dtype = volume.dtype;
  march.voxels = volume.data;
  march.size = volume.size;
  march.load_pairs =
      image::visit_dtype(volume.dtype, [](auto zero) -> LoadPairs { return load_pairs<decltype(zero)>; });
  march.load_low = window.low();
  march.load_per_unit = window.loading_per_unit();
  set_camera(input, volume, view.sample_step, march);
  set_cells(volume, window, view);
  march.block = samples_of_block(volume, march.step_length);
  march.rendering = look.rendering;
  march.low = view.window.low();
  march.high = view.window.high();
  march.per_unit = std::min(view.window.per_unit(), kSteepest);
  march.linear = look.interpolation == scene::Interpolation::Linear;
  march.rooted = view.index.rooted();
  set_mode(look, volume, window, view);
  return view;
}

/// One tile of the picture with its colours so far.
struct Tile {
  int left;
  int top;
  int width;
  int height;
  std::array<Rgb<float>, static_cast<std::size_t>(kMarchTile) * kMarchTile> colors;
};

void blend_pixel(const LayerView& layer, const Rgb<float>& source, const Rgb<float>& premultiplied, float alpha,
                 Rgb<float>& below) {
  for (std::size_t i = 0; i < 3; ++i) {
    below[i] = blend(layer.step, below[i], source[i], premultiplied[i] * layer.share, alpha * layer.share);
  }
}

/// `place` in the window, [0, 1].
void blend_value(const LayerView& layer, float place, Rgb<float>& below) {
  const ColorAlpha& top = layer.colors[static_cast<std::size_t>(layer.index(place))];
  blend_pixel(layer, {top.red, top.green, top.blue}, {top.red * top.alpha, top.green * top.alpha, top.blue * top.alpha},
              top.alpha, below);
}

void blend_surface(const LayerView& layer, float facing, Rgb<float>& below) {
  const Rgb<float> color = lit<float>({static_cast<float>(layer.surface[0]), static_cast<float>(layer.surface[1]),
                                       static_cast<float>(layer.surface[2])},
                                      facing);
  const auto alpha = static_cast<float>(layer.look->opacity);
  blend_pixel(layer, color, {color[0] * alpha, color[1] * alpha, color[2] * alpha}, alpha, below);
}

void blend_light(const LayerView& layer, const ColorAlpha& seen, Rgb<float>& below) {
  if (seen.alpha <= 0) return;
  const Rgb<float> color{std::min(seen.red, 1.0F), std::min(seen.green, 1.0F), std::min(seen.blue, 1.0F)};
  blend_pixel(layer, color, color, std::min(seen.alpha, 1.0F), below);
}

void blend_translucent(const LayerView& layer, const ColorAlpha& steps, const MarchScratch::Rest& rest,
                       Rgb<float>& below) {
  ColorAlpha seen = steps;
  if (rest.length > 0 && is_finite(rest.value) && rest.value > layer.window.low()) {
    const double shown = std::pow(static_cast<double>(layer.window(rest.value)), layer.look->gamma);
    const ColorAlpha slab = slab_of(*layer.look, shown, layer.sample_step * static_cast<double>(rest.length));
    const float passes = 1.0F - seen.alpha;
    seen = {seen.red + slab.red * passes, seen.green + slab.green * passes, seen.blue + slab.blue * passes,
            seen.alpha + slab.alpha * passes};
  }
  if (seen.alpha <= 0) return;
  const Rgb<float> color{seen.red, seen.green, seen.blue};
  blend_pixel(layer, color, color, seen.alpha, below);
}

void blend_seen(const LayerView& layer, const ColorAlpha& seen, const MarchScratch::Rest& rest, Rgb<float>& below) {
  using scene::Rendering;
  switch (layer.look->rendering) {
    case Rendering::Translucent:
      return blend_translucent(layer, seen, rest, below);
    case Rendering::Additive:
      return blend_light(layer, seen, below);
    case Rendering::Iso:
      if (seen.alpha > 0) blend_surface(layer, seen.red, below);
      return;
    case Rendering::AttenuatedMip:
      if (seen.alpha > 0) blend_value(layer, seen.red, below);
      return;
    case Rendering::Mip:
    case Rendering::Minip:
    case Rendering::Average:
      if (seen.alpha > 0) blend_value(layer, layer.window(seen.red), below);
  }
}

void draw_layer(const LayerView& layer, MarchScratch& scratch, Tile& tile) {
  march_tile(layer.march, tile.left, tile.top, scratch);
  for (int row = 0; row < tile.height; ++row) {
    for (int column = 0; column < tile.width; ++column) {
      const auto pixel = static_cast<std::size_t>(row) * kMarchTile + static_cast<std::size_t>(column);
      blend_seen(layer, scratch.seen[pixel], scratch.rest[pixel], tile.colors[pixel]);
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

void draw_volumes(const FrameInput& input, ThreadPool& pool, Picture& out) {
  std::vector<LayerView> layers;
  layers.reserve(input.layers.size());
  for (const LayerInput& layer : input.layers) {
    if (!layer.volumes.empty()) layers.push_back(layer_view(layer, input));
  }
  for (LayerView& layer : layers) layer.march.slabs = layer.slabs.data();
  const Rgb<float> background{static_cast<float>(input.background[0]) / 255.0F,
                              static_cast<float>(input.background[1]) / 255.0F,
                              static_cast<float>(input.background[2]) / 255.0F};
  const int columns = (input.width + kMarchTile - 1) / kMarchTile;
  const int rows = (input.height + kMarchTile - 1) / kMarchTile;
  pool.for_each_index(static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows), [&](std::size_t i) {
    thread_local MarchScratch scratch;
    Tile tile{};
    tile.left = static_cast<int>(i) % columns * kMarchTile;
    tile.top = static_cast<int>(i) / columns * kMarchTile;
    tile.width = std::min(kMarchTile, input.width - tile.left);
    tile.height = std::min(kMarchTile, input.height - tile.top);
    tile.colors.fill(background);
    for (const LayerView& layer : layers) draw_layer(layer, scratch, tile);
    store(tile, out);
  });
}

}  // namespace ndcast::render
