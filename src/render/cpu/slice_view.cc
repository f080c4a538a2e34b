#include "render/cpu/slice_view.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "render/camera_math.h"

namespace ndcast::render {
namespace {

std::uint16_t to_16_bits(double value) { return static_cast<std::uint16_t>(std::lround(value * 65535.0)); }

CubicTaps cubic_taps(std::int32_t below, float weight, int size) {
  return {{std::max(below - 1, 0), below, std::min(below + 1, size - 1), std::min(below + 2, size - 1)},
          cubic_shares(weight)};
}

AxisTable axis_table(int pixels, double from, double per_pixel, double origin, double step, int size, int block,
                     scene::Interpolation interpolation) {
  const bool cubic = interpolation == scene::Interpolation::Cubic;
  AxisTable table;
  const auto count = static_cast<std::size_t>(pixels);
  table.at.resize(count);
  table.next.resize(count);
  table.weight.resize(count);
  if (cubic) table.taps.resize(count);
  table.begin = pixels;
  for (int i = 0; i < pixels; ++i) {
    const double position = (from + (i + 0.5) * per_pixel - origin) / step;
    if (!(position >= -0.5 && position < size - 0.5)) continue;
    table.begin = std::min(table.begin, i);
    table.end = i + 1;
    const auto slot = static_cast<std::size_t>(i);
    if (interpolation != scene::Interpolation::Nearest) {
      const double inside = std::clamp(position, 0.0, static_cast<double>(size - 1));
      const int below = std::min(static_cast<int>(inside), std::max(size - 2, 0));
      table.at[slot] = below;
      table.next[slot] = std::min(below + 1, size - 1);
      table.weight[slot] = static_cast<float>(inside - below);
    } else {
      table.at[slot] = table.next[slot] = std::clamp(static_cast<int>(std::floor(position + 0.5)), 0, size - 1);
    }
    std::array<int, 2> blocks{table.at[slot] / block, table.next[slot] / block};
    if (cubic) {
      table.taps[slot] = cubic_taps(table.at[slot], table.weight[slot], size);
      blocks = {table.taps[slot].at.front() / block, table.taps[slot].at.back() / block};
    }
    if (table.spans.empty() || table.spans.back().block != blocks) table.spans.push_back({i, i, blocks});
    table.spans.back().end = i + 1;
  }
  return table;
}

LevelView level_view(const SliceLevel& slice, const FrameInput& input, scene::Interpolation interpolation) {
  const PlaneMap map(input.plane, input.width, input.height);
  const Vec2 from = map.world_from_pixel({0, 0});
  const bool blocked = !slice.loaded.empty();
  const int block_x = blocked ? slice.block[0] : slice.width;
  const int block_y = blocked ? slice.block[1] : slice.height;
  return {.slice = &slice,
          .columns = axis_table(input.width, from[0], map.scale()[0], slice.origin[0], slice.step[0], slice.width,
                                block_x, interpolation),
          .rows = axis_table(input.height, from[1], map.scale()[1], slice.origin[1], slice.step[1], slice.height,
                             block_y, interpolation),
          .block_columns = (slice.width + block_x - 1) / block_x};
}

RowBlend row_blend(BlendStep step) {
  switch (step) {
    case BlendStep::Over:
    case BlendStep::Replace:
      return RowBlend::Over;
    case BlendStep::Add:
    case BlendStep::Add0:
      return RowBlend::Add;
    case BlendStep::Minimum:
      return RowBlend::Minimum;
    case BlendStep::Maximum:
      return RowBlend::Maximum;
    case BlendStep::Multiply:
      return RowBlend::Multiply;
  }
  return RowBlend::Over;
}

/// The colours of the lowest layer, over the background.
std::vector<Pixel16> lowest_colors(const LayerLook& look, const LookIndex& index, BlendStep step,
                                   const Rgb<double>& background) {
  std::vector<Pixel16> entries;
  entries.reserve(kLookEntries + 1);
  for (int i = 0; i < kLookEntries; ++i) {
    const Rgb<double> color = color_at(*look.colors, index.shown_at(i, kLookEntries));
    Rgb<double> shown;
    for (std::size_t k = 0; k < 3; ++k) {
      shown[k] = blend(step, background[k], color[k], color[k] * look.opacity, look.opacity);
    }
    entries.push_back(pixel16(shown, 1));
  }
  entries.push_back(pixel16(background, 1));
  return entries;
}

/// Label colours, over the background for the lowest layer.
std::vector<Pixel16> label_entries(const LayerLook& look, BlendStep step, bool lowest, double share,
                                   const Rgb<double>& background) {
  const bool by_opacity = step == BlendStep::Over || step == BlendStep::Add;
  const double neutral = step == BlendStep::Minimum || step == BlendStep::Multiply ? 1 : 0;
  std::vector<Pixel16> entries;
  for (const LabelColors::Rgba& rgba : look.labels->colors()) {
    const Rgb<double> color{rgba[0] / 255.0, rgba[1] / 255.0, rgba[2] / 255.0};
    const double alpha = look.opacity * rgba[3] / 255.0;
    if (rgba[3] == 0) {
      entries.push_back(lowest ? pixel16(background, 1) : pixel16({neutral, neutral, neutral}, neutral));
    } else if (lowest) {
      Rgb<double> shown;
      for (std::size_t k = 0; k < 3; ++k) shown[k] = blend(step, background[k], color[k], color[k] * alpha, alpha);
      entries.push_back(pixel16(shown, 1));
    } else {
      const double covers = by_opacity ? alpha * share : 1.0;
      entries.push_back(pixel16({color[0] * covers, color[1] * covers, color[2] * covers}, covers));
    }
  }
  return entries;
}

/// The colours of any other layer.
std::vector<Pixel16> upper_colors(const LayerLook& look, const LookIndex& index, BlendStep step, double share) {
  const bool by_opacity = step == BlendStep::Over || step == BlendStep::Add || step == BlendStep::Add0;
  const double alpha = by_opacity ? look.opacity * share : 1.0;
  std::vector<Pixel16> entries;
  entries.reserve(kLookEntries + 1);
  for (int i = 0; i < kLookEntries; ++i) {
    const Rgb<double> color = color_at(*look.colors, index.shown_at(i, kLookEntries));
    entries.push_back(pixel16({color[0] * alpha, color[1] * alpha, color[2] * alpha}, alpha));
  }
  const bool neutral_is_one = step == BlendStep::Minimum || step == BlendStep::Multiply;
  const double neutral = neutral_is_one ? 1 : 0;
  entries.push_back(pixel16({neutral, neutral, neutral}, neutral));
  return entries;
}

void set_curve(const LayerLook& look, const SliceLevel& slice, SliceLayerView& view) {
  const double first = look.opacity_curve.front()[0];
  const double last = look.opacity_curve.back()[0];
  for (int i = 0; i < kLookEntries; ++i) {
    const double value = first + (last - first) * i / (kLookEntries - 1);
    view.curve.push_back(to_16_bits(curve_at(look.opacity_curve, value)));
  }
  view.curve.push_back(to_16_bits(1));
  const bool fits_float = image::visit_dtype(slice.dtype, [](auto zero) { return kFitsFloat<decltype(zero)>; });
  view.curve_window = Window({as_loaded(view.window, fits_float, first), as_loaded(view.window, fits_float, last)});
}

}  // namespace

Pixel16 pixel16(const Rgb<double>& color, double alpha) {
  return {to_16_bits(color[0]), to_16_bits(color[1]), to_16_bits(color[2]), to_16_bits(alpha)};
}

SliceLayerView slice_layer_view(const LayerInput& layer, const FrameInput& input, const Rgb<double>& background) {
  const bool lowest = &layer == &input.layers.front();
  const LayerLook& look = layer.look;
  const BlendStep step = blend_step(look.blending, lowest);
  SliceLayerView view{.contour = look.labels ? look.contour : 0,
                      .interpolation = look.labels ? scene::Interpolation::Nearest : look.interpolation,
                      .window = Window(look.contrast_limits),
                      .index = LookIndex(look.gamma)};
  const bool by_opacity = step == BlendStep::Over || step == BlendStep::Add || step == BlendStep::Add0;
  const bool curved = by_opacity && !look.opacity_curve.empty() && !look.labels;
  if (look.labels) {
    view.labels = look.labels.get();
    if (!lowest) view.blend = row_blend(step);
    view.colors = label_entries(look, step, lowest, blend_share(input, layer), background);
  } else if (lowest && !curved) {
    view.colors = lowest_colors(look, view.index, step, background);
  } else {
    if (lowest) view.under = pixel16(step == BlendStep::Over ? background : Rgb<double>{}, 1);
    view.blend = row_blend(step);
    view.colors = upper_colors(look, view.index, step, blend_share(input, layer));
  }
  if (curved && !layer.slices.empty()) set_curve(look, *layer.slices.front(), view);
  for (const auto& slice : layer.slices) view.levels.push_back(level_view(*slice, input, view.interpolation));
  return view;
}

}  // namespace ndcast::render
