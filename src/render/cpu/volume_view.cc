#include "render/cpu/volume_view.h"

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

/// What so many units of a density add behind: premultiplied, of a gathering mode.
ColorAlpha gathered(const LayerLook& look, const Rgb<double>& color, double density, double units) {
  const bool translucent = look.rendering == scene::Rendering::Translucent;
  const double alpha = translucent ? slab_alpha(look.opacity, density, units) : look.opacity * density * units;
  return {static_cast<float>(color[0] * alpha), static_cast<float>(color[1] * alpha),
          static_cast<float>(color[2] * alpha), static_cast<float>(alpha)};
}

/// How many cells a block crosses: fewer make more bounds to look up, more make them looser.
constexpr double kCellsOfBlock = 2;

int samples_of_block(const VolumeLevel& volume, double step_length) {
  const double largest_side = std::max({std::abs(volume.step[0]), std::abs(volume.step[1]), std::abs(volume.step[2])});
  const double smallest_side = voxel_side(volume);
  const double length = kCellsOfBlock * kCellVoxels * std::sqrt(smallest_side * largest_side);
  return static_cast<int>(std::clamp(std::round(length / step_length), 1.0, double{kMostBlock}));
}

void set_cells(const VolumeLevel& volume, MarchView& march) {
  march.grid = cell_grid(volume.size);
  march.cell_words = volume.cells.words.empty() ? nullptr : volume.cells.words.data();
  march.cell_base = least_value(volume.dtype);
  march.cell_floats = volume.cells.floats.empty() ? nullptr : volume.cells.floats.data();
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

void set_iso(const LayerLook& look, const VolumeLevel& volume, const Window& window, MarchView& march) {
  march.threshold = image::visit_dtype(
      volume.dtype, [&](auto zero) { return loaded_up<decltype(zero)>(window, look.iso_threshold); });
  for (std::size_t i = 0; i < 3; ++i) march.per_voxel[i] = static_cast<float>(1.0 / volume.step[i]);
}

ColorAlpha surface_of(const LayerLook& look, const Window& window) {
  const Rgb<double> color = color_at(*look.colors, std::pow(window(look.iso_threshold), look.gamma));
  return {static_cast<float>(color[0]), static_cast<float>(color[1]), static_cast<float>(color[2]),
          static_cast<float>(opacity_at(look, look.iso_threshold))};
}

/// Sets what is known of the colours that slabs have, premultiplied or not.
void set_hue(const LayerLook& look, const LookIndex& index, MarchView& march) {
  /// Far below half of what 8 bits tell apart.
  constexpr double kAlike = 1e-6;
  const auto color_of = [&](int entry) { return color_at(*look.colors, index.shown_at(entry, kSlabEntries)); };
  Rgb<double> purest{};
  for (int i = 0; i < kSlabEntries; ++i) {
    const Rgb<double> color = color_of(i);
    if (std::ranges::max(color) > std::ranges::max(purest)) purest = color;
  }
  march.lead = static_cast<std::size_t>(std::ranges::max_element(purest) - purest.begin());
  const double most = purest[march.lead];
  if (!(most > 0)) return;
  march.one_hue = true;
  for (int i = 0; i < kSlabEntries && march.one_hue; ++i) {
    const Rgb<double> color = color_of(i);
    for (std::size_t k = 0; k < 3; ++k) {
      march.one_hue &= std::abs(color[k] - color[march.lead] * (purest[k] / most)) <= kAlike;
    }
  }
  for (std::size_t k = 0; k < 3; ++k) march.hue[k] = static_cast<float>(purest[k] / most);
}

/// Slabs of `units` by the place in the window, whose value is the density.
void set_slabs(const LayerLook& look, const LookIndex& index, double units, LevelTables& tables) {
  tables.slabs.resize(kSlabEntries);
  for (int i = 0; i < kSlabEntries; ++i) {
    const double shown = index.shown_at(i, kSlabEntries);
    tables.slabs[static_cast<std::size_t>(i)] = gathered(look, color_at(*look.colors, shown), shown, units);
  }
}

/// Colours by the place in the window, and alphas by the place between the first and the last stop of the curve.
void set_curved_slabs(const VolumeLayerView& view, double units, MarchView& march, LevelTables& tables) {
  const LayerLook& look = *view.look;
  tables.slabs.resize(kSlabEntries);
  tables.curve.resize(kSlabEntries);
  tables.curve_visible.assign(1, 0);
  const double first = look.opacity_curve.front()[0];
  const double last = look.opacity_curve.back()[0];
  for (int i = 0; i < kSlabEntries; ++i) {
    const auto entry = static_cast<std::size_t>(i);
    const Rgb<double> color = color_at(*look.colors, view.index.shown_at(i, kSlabEntries));
    tables.slabs[entry] = {static_cast<float>(color[0]), static_cast<float>(color[1]), static_cast<float>(color[2]), 1};
    const double value = first + (last - first) * i / (kSlabEntries - 1);
    tables.curve[entry] = gathered(look, color, curve_at(look.opacity_curve, value), units).alpha;
    tables.curve_visible.push_back(tables.curve_visible.back() + (tables.curve[entry] > 0 ? 1 : 0));
  }
  const double low = as_loaded(view.data_window, view.fits_float, first);
  const double width = as_loaded(view.data_window, view.fits_float, last) - low;
  march.curve_low = static_cast<float>(low);
  march.curve_per_unit = width > 0 ? static_cast<float>(std::min(1.0 / width, double{kSteepest})) : kSteepest;
}

void set_half_spaces(const LayerLook& look, const VolumeLevel& volume, LevelTables& tables) {
  for (const HalfSpace& shown : look.shown_in) {
    const Vec3& normal = shown.normal;
    const Vec3 from_origin = shown.position - Vec3{volume.origin[0], volume.origin[1], volume.origin[2]};
    tables.shown_in.push_back(
        {normal[0] * volume.step[0], normal[1] * volume.step[1], normal[2] * volume.step[2], dot(normal, from_origin)});
  }
}

/// `view` has all but its levels and what only its mode shows.
void add_level(const FrameInput& input, const VolumeLevel& volume, double unit, VolumeLayerView& view) {
  const LayerLook& look = *view.look;
  MarchView& march = view.march.emplace_back();
  LevelTables& tables = view.tables.emplace_back();
  march.dtype = volume.dtype;
  march.voxels = volume.data;
  march.size = volume.size;
  march.load_pairs =
      image::visit_dtype(volume.dtype, [](auto zero) -> LoadPairs { return load_pairs<decltype(zero)>; });
  march.loads_windowed = image::visit_dtype(volume.dtype, [](auto zero) { return !kFitsFloat<decltype(zero)>; });
  march.load_low = view.data_window.low();
  march.load_per_unit = view.data_window.loading_per_unit();
  set_camera(input, volume, input.sample_step * look.sample_step, march);
  const double units = march.step_length / unit;
  march.units = static_cast<float>(units);
  set_cells(volume, march);
  march.block = samples_of_block(volume, march.step_length);
  march.rendering = look.rendering;
  march.low = view.window.low();
  march.high = view.window.high();
  march.per_unit = std::min(view.window.per_unit(), kSteepest);
  march.held = look.opacity_curve.empty();
  march.linear = look.interpolation != scene::Interpolation::Nearest;
  march.loads = voxel_loads();
  march.rooted = view.index.rooted();
  march.attenuation = static_cast<float>(look.attenuation * units);
  if (look.rendering == scene::Rendering::Iso) set_iso(look, volume, view.data_window, march);
  if (gathers(look.rendering)) {
    set_hue(look, view.index, march);
    look.opacity_curve.empty() ? set_slabs(look, view.index, units, tables)
                               : set_curved_slabs(view, units, march, tables);
  }
  set_half_spaces(look, volume, tables);
}

}  // namespace

VolumeLayerView volume_layer_view(const LayerInput& layer, const FrameInput& input) {
  const LayerLook& look = layer.look;
  const Window window(look.contrast_limits);
  const bool fits_float =
      image::visit_dtype(layer.volumes.front()->dtype, [](auto zero) { return kFitsFloat<decltype(zero)>; });
  VolumeLayerView view{
      .step = blend_step(look.blending, &layer == &input.layers.front(), !look.labels && gathers(look.rendering)),
      .share = static_cast<float>(blend_share(input, layer)),
      .look = &look,
      .labels = look.labels ? &layer : nullptr,
      .data_window = window,
      .fits_float = fits_float,
      .window = LoadedWindow(window, fits_float),
      .index = LookIndex(look.gamma)};
  if (view.labels != nullptr) return view;
  for (const auto& volume : layer.volumes) add_level(input, *volume, unit_of(layer), view);
  if (look.rendering == scene::Rendering::Iso) view.surface = surface_of(look, window);
  if (look.rendering != scene::Rendering::Iso && !gathers(look.rendering)) view.colors = value_colors(look, view.index);
  return view;
}

void VolumeLayerView::bind() {
  for (std::size_t i = 0; i < march.size(); ++i) {
    const LevelTables& of = tables[i];
    march[i].slabs = of.slabs.data();
    march[i].curve = of.curve.empty() ? nullptr : of.curve.data();
    march[i].curve_visible = of.curve_visible.data();
    march[i].shown_in = of.shown_in.data();
    march[i].shown_count = of.shown_in.size();
  }
}

}  // namespace ndcast::render
