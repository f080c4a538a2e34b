#include "render/cpu_volume_view.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "render/camera_math.h"
#include "render/volume_cells.h"
#include "render/volume_rays.h"

namespace ndcast::render {
namespace {

/// The window of no width is this steep where its place is computed: still finite, so that 0 times it is 0.
constexpr float kSteepest = 1e30F;

template <class T>
void load_pairs(const void* voxels, const std::int32_t* offsets, std::ptrdiff_t from, std::int32_t to_next,
                std::size_t count, double low, double per_unit, float* at, float* next) {
  const VoxelLoader<T> load(low, per_unit);
  for (std::size_t i = 0; i < count; ++i) {
    const T* const voxel = static_cast<const T*>(voxels) + from + offsets[i];
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
  const auto fan_in_voxels = [&](const RayCamera::Fan& fan, const Vec3& zero) {
    return MarchView::Fan{in_voxels(fan.at - zero, volume), in_voxels(fan.along_x, volume),
                          in_voxels(fan.along_y, volume)};
  };
  const RayCamera::Fan& directions = camera.directions();
  march.origins = fan_in_voxels(camera.origins(), {volume.origin[0], volume.origin[1], volume.origin[2]});
  march.directions = fan_in_voxels(directions, {0, 0, 0});
  march.begins = camera.is_orthographic() ? -std::numeric_limits<double>::max() : 0.0;
  march.tangent_origin = {dot(directions.at, camera.right()), dot(directions.at, camera.up())};
  march.tangent_step = {dot(directions.along_x, camera.right()), dot(directions.along_y, camera.up())};
  march.step_length = sample_step * voxel_side(volume);
}

/// How many cells a block crosses: fewer make more bounds to look up, more make them looser.
constexpr double kCellsOfBlock = 1.5;

int samples_of_block(const VolumeLevel& volume, double step_length) {
  const double largest_side = std::max({std::abs(volume.step[0]), std::abs(volume.step[1]), std::abs(volume.step[2])});
  const double smallest_side = voxel_side(volume);
  const double length = kCellsOfBlock * kCellVoxels * std::sqrt(smallest_side * largest_side);
  return static_cast<int>(std::clamp(std::round(length / step_length), 1.0, double{kMostBlock}));
}

void set_cells(const VolumeLevel& volume, const Window& window, VolumeLayerView& view) {
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

/// A value of data units as the voxels are loaded, rounded up: what is not below it is not below the value.
template <class T>
float loaded_up(const Window& window, double value) {
  const double loaded = as_loaded(window, kFitsFloat<T>, value);
  const auto nearest = static_cast<float>(loaded);
  return static_cast<double>(nearest) < loaded ? std::nextafter(nearest, std::numeric_limits<float>::infinity())
                                               : nearest;
}

void set_iso(const LayerLook& look, const VolumeLevel& volume, const Window& window, VolumeLayerView& view) {
  view.march.threshold = image::visit_dtype(
      volume.dtype, [&](auto zero) { return loaded_up<decltype(zero)>(window, look.iso_threshold); });
  for (std::size_t i = 0; i < 3; ++i) view.march.per_voxel[i] = static_cast<float>(1.0 / volume.step[i]);
  const Rgb<double> color = color_at(*look.colors, std::pow(window(look.iso_threshold), look.gamma));
  view.surface = {static_cast<float>(color[0]), static_cast<float>(color[1]), static_cast<float>(color[2]),
                  static_cast<float>(opacity_at(look, look.iso_threshold))};
}

/// Slabs by the place in the window, whose value is the density.
void set_slabs(const LayerLook& look, VolumeLayerView& view) {
  view.slabs.resize(kSlabEntries);
  for (int i = 0; i < kSlabEntries; ++i) {
    const double shown = view.index.shown_at(i, kSlabEntries);
    view.slabs[static_cast<std::size_t>(i)] = gathered(look, color_at(*look.colors, shown), shown, view.sample_step);
  }
}

/// Colours by the place in the window, and alphas by the place between the first and the last stop of the curve.
void set_curved_slabs(const LayerLook& look, VolumeLayerView& view) {
  view.slabs.resize(kSlabEntries);
  view.curve.resize(kSlabEntries);
  view.curve_visible.assign(1, 0);
  const double first = look.opacity_curve.front()[0];
  const double last = look.opacity_curve.back()[0];
  for (int i = 0; i < kSlabEntries; ++i) {
    const auto entry = static_cast<std::size_t>(i);
    const Rgb<double> color = color_at(*look.colors, view.index.shown_at(i, kSlabEntries));
    view.slabs[entry] = {static_cast<float>(color[0]), static_cast<float>(color[1]), static_cast<float>(color[2]), 1};
    const double value = first + (last - first) * i / (kSlabEntries - 1);
    view.curve[entry] = gathered(look, color, curve_at(look.opacity_curve, value), view.sample_step).alpha;
    view.curve_visible.push_back(view.curve_visible.back() + (view.curve[entry] > 0 ? 1 : 0));
  }
  const double low = as_loaded(view.data_window, view.fits_float, first);
  const double width = as_loaded(view.data_window, view.fits_float, last) - low;
  view.march.curve_low = static_cast<float>(low);
  view.march.curve_per_unit = width > 0 ? static_cast<float>(std::min(1.0 / width, double{kSteepest})) : kSteepest;
}

/// The tables and numbers of the layer's mode.
void set_mode(const LayerLook& look, const VolumeLevel& volume, VolumeLayerView& view) {
  using scene::Rendering;
  switch (look.rendering) {
    case Rendering::Translucent:
    case Rendering::Additive:
      return look.opacity_curve.empty() ? set_slabs(look, view) : set_curved_slabs(look, view);
    case Rendering::Iso:
      return set_iso(look, volume, view.data_window, view);
    case Rendering::AttenuatedMip:
      view.march.attenuation = static_cast<float>(look.attenuation * view.sample_step);
      [[fallthrough]];
    case Rendering::Mip:
    case Rendering::Minip:
    case Rendering::Average:
      view.colors = value_colors(look, view.index);
  }
}

void set_half_spaces(const LayerLook& look, const VolumeLevel& volume, VolumeLayerView& view) {
  for (const HalfSpace& shown : look.shown_in) {
    const Vec3& normal = shown.normal;
    const Vec3 from_origin = shown.position - Vec3{volume.origin[0], volume.origin[1], volume.origin[2]};
    view.shown_in.push_back(
        {normal[0] * volume.step[0], normal[1] * volume.step[1], normal[2] * volume.step[2], dot(normal, from_origin)});
  }
}

}  // namespace

VolumeLayerView volume_layer_view(const LayerInput& layer, const FrameInput& input) {
  const LayerLook& look = layer.look;
  const VolumeLevel& volume = *layer.volumes.front();
  const Window window(look.contrast_limits);
  const bool fits_float = image::visit_dtype(volume.dtype, [](auto zero) { return kFitsFloat<decltype(zero)>; });
  VolumeLayerView view{.step = blend_step(look.blending, &layer == &input.layers.front()),
                       .share = static_cast<float>(blend_share(input, layer)),
                       .look = &look,
                       .labels = look.labels ? &layer : nullptr,
                       .data_window = window,
                       .fits_float = fits_float,
                       .window = LoadedWindow(window, fits_float),
                       .index = LookIndex(look.gamma),
                       .sample_step = input.sample_step * look.sample_step};
  if (view.labels != nullptr) return view;
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
  march.held = look.opacity_curve.empty();
  march.linear = look.interpolation != scene::Interpolation::Nearest;
  march.rooted = view.index.rooted();
  set_mode(look, volume, view);
  set_half_spaces(look, volume, view);
  return view;
}

void VolumeLayerView::bind() {
  march.slabs = slabs.data();
  march.curve = curve.empty() ? nullptr : curve.data();
  march.curve_visible = curve_visible.data();
  march.shown_in = shown_in.data();
  march.shown_count = shown_in.size();
}

ColorAlpha gathered(const LayerLook& look, const Rgb<double>& color, double density, double steps) {
  const bool translucent = look.rendering == scene::Rendering::Translucent;
  const double alpha = translucent ? slab_alpha(look.opacity, density, steps) : look.opacity * density * steps;
  return {static_cast<float>(color[0] * alpha), static_cast<float>(color[1] * alpha),
          static_cast<float>(color[2] * alpha), static_cast<float>(alpha)};
}

}  // namespace ndcast::render
