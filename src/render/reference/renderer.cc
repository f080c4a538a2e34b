#include "render/reference/renderer.h"

#include <cmath>
#include <optional>

#include "render/camera_math.h"
#include "render/frame_check.h"
#include "render/label_colors.h"
#include "render/reference/pixel.h"
#include "render/reference/volume.h"

namespace ndcast::render {
namespace {

bool is_loaded(const SliceLevel& slice, std::int64_t x, std::int64_t y) {
  if (slice.loaded.empty()) return true;
  const std::int64_t columns = (slice.width + slice.block[0] - 1) / slice.block[0];
  return slice.loaded[static_cast<std::size_t>(y / slice.block[1] * columns + x / slice.block[0])] != 0;
}

/// A place in voxels of a level; nothing outside its data.
std::optional<Vec2> place_in(const SliceLevel& slice, const Vec2& world) {
  const double column = (world[0] - slice.origin[0]) / slice.step[0];
  const double row = (world[1] - slice.origin[1]) / slice.step[1];
  if (!(column >= -0.5 && column < slice.width - 0.5 && row >= -0.5 && row < slice.height - 0.5)) return std::nullopt;
  return Vec2{column, row};
}

const std::byte* voxel_at(const SliceLevel& slice, std::int64_t column, std::int64_t row) {
  return slice.data + static_cast<std::size_t>(row * slice.width + column) * image::byte_size(slice.dtype);
}

/// The value at a place of one level; nothing outside its data or where one of the voxels is not loaded.
std::optional<double> sample_slice(const SliceLevel& slice, const Vec2& world, scene::Interpolation interpolation) {
  const std::optional<Vec2> place = place_in(slice, world);
  if (!place) return std::nullopt;
  const Taps x = taps_of((*place)[0], slice.width, interpolation);
  const Taps y = taps_of((*place)[1], slice.height, interpolation);
  double value = 0;
  for (std::size_t j = 0; j < y.count; ++j) {
    double line = 0;
    for (std::size_t i = 0; i < x.count; ++i) {
      if (!is_loaded(slice, x.at[i], y.at[j])) return std::nullopt;
      line += x.share[i] * image::value_as_double(slice.dtype, voxel_at(slice, x.at[i], y.at[j]));
    }
    value += y.share[j] * line;
  }
  return value;
}

/// The object at a place of one level.
std::optional<std::uint64_t> label_of(const SliceLevel& slice, const Vec2& world) {
  const std::optional<Vec2> place = place_in(slice, world);
  if (!place) return std::nullopt;
  const std::int64_t column = neighbours_of((*place)[0], slice.width, scene::Interpolation::Nearest).at[0];
  const std::int64_t row = neighbours_of((*place)[1], slice.height, scene::Interpolation::Nearest).at[0];
  if (!is_loaded(slice, column, row)) return std::nullopt;
  return label_at(slice.dtype, voxel_at(slice, column, row));
}

/// The entry of LabelColors at a place: of the finest level that is loaded there.
std::size_t label_entry(const LayerInput& layer, const Vec2& world) {
  for (const auto& slice : layer.slices) {
    if (const auto label = label_of(*slice, world)) return layer.look.labels->entry_of(*label);
  }
  return LabelColors::kHidden;
}

/// Where pixels lie, and how many there are.
struct PlaneView {
  PlaneMap map;
  int width;
  int height;
  bool holds(int column, int row) const { return column >= 0 && column < width && row >= 0 && row < height; }
  Vec2 world(int column, int row) const { return map.world_from_pixel({column + 0.5, row + 0.5}); }
};

/// Whether a pixel is on the rim of its object, LayerLook::contour pixels thick.
bool is_on_contour(const LayerInput& layer, const PlaneView& view, int column, int row, std::size_t entry) {
  const int far = layer.look.contour;
  for (const int down : {-far, 0, far}) {
    for (const int across : {-far, 0, far}) {
      if (!view.holds(column + across, row + down)) continue;
      if (label_entry(layer, view.world(column + across, row + down)) != entry) return true;
    }
  }
  return false;
}

std::optional<Contribution> label_slice_pixel(const LayerInput& layer, const PlaneView& view, int column, int row) {
  const std::size_t entry = label_entry(layer, view.world(column, row));
  const LabelColors::Rgba& rgba = layer.look.labels->colors()[entry];
  if (rgba[3] == 0) return std::nullopt;
  if (layer.look.contour > 0 && !is_on_contour(layer, view, column, row, entry)) return std::nullopt;
  return covering({rgba[0] / 255.0, rgba[1] / 255.0, rgba[2] / 255.0}, layer.look.opacity * rgba[3] / 255.0);
}

std::optional<Contribution> slice_pixel(const LayerInput& layer, const PlaneView& view, int column, int row) {
  if (layer.look.labels) return label_slice_pixel(layer, view, column, row);
  for (const auto& slice : layer.slices) {
    const std::optional<double> value = sample_slice(*slice, view.world(column, row), layer.look.interpolation);
    if (!value) continue;
    if (!std::isfinite(*value)) return std::nullopt;
    return covering(color_at(*layer.look.colors, windowed(layer.look, *value)), opacity_at(layer.look, *value));
  }
  return std::nullopt;
}

/// Composites the layers, each of which `contribution(layer)` gives for this pixel.
template <class ContributionOf>
void paint(const FrameInput& input, ContributionOf&& contribution, std::uint8_t* rgba) {
  Rgb<double> color;
  for (std::size_t i = 0; i < 3; ++i) color[i] = input.background[i] / 255.0;
  for (const LayerInput& layer : input.layers) {
    const std::optional<Contribution> top = contribution(layer);
    if (!top) continue;
    const BlendStep step = blend_step(layer.look.blending, &layer == &input.layers.front(), top->gathered);
    const double share = blend_share(input, layer);
    for (std::size_t i = 0; i < 3; ++i) {
      const double source = top->gathered ? gathered_source(step, top->premultiplied[i], top->alpha) : top->source[i];
      color[i] = blend(step, color[i], source, top->premultiplied[i] * share, top->alpha * share);
    }
  }
  for (std::size_t i = 0; i < 3; ++i) rgba[i] = to_byte(color[i]);
  rgba[3] = 255;
}

}  // namespace

Result<void> ReferenceRenderer::render(const FrameInput& input, Picture& out) {
  ND_TRY(check_frame(input));
  out.resize(input.width, input.height);
  const PlaneView plane{PlaneMap(input.plane, input.width, input.height), input.width, input.height};
  const RayCamera camera(input.volume, input.width, input.height);
  std::uint8_t* rgba = out.rgba.data();
  for (int row = 0; row < input.height; ++row) {
    if (is_cancelled(input)) return fail(ErrorCode::Cancelled, "nobody wants the picture any more");
    for (int column = 0; column < input.width; ++column, rgba += 4) {
      if (input.mode == scene::Mode::Plane) {
        paint(input, [&](const LayerInput& layer) { return slice_pixel(layer, plane, column, row); }, rgba);
      } else {
        const Ray ray = camera.ray_at({column + 0.5, row + 0.5});
        paint(input, [&](const LayerInput& layer) { return volume_pixel(layer, ray, input.sample_step); }, rgba);
      }
    }
  }
  return {};
}

}  // namespace ndcast::render
