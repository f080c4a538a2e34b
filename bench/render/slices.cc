#include "bench/render/slices.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include <fmt/format.h>

#include "render/look.h"

namespace ndcast::bench {
namespace {

constexpr std::array<const char*, 3> kColors{"green", "magenta", "cyan"};

float bilinear(const render::SliceLevel& slice, float x, float y) {
  const auto* const voxels = reinterpret_cast<const std::uint16_t*>(slice.data);
  x = std::clamp(x, 0.0F, static_cast<float>(slice.width - 1));
  y = std::clamp(y, 0.0F, static_cast<float>(slice.height - 1));
  const int column = std::min(static_cast<int>(x), slice.width - 2);
  const int row = std::min(static_cast<int>(y), slice.height - 2);
  const float right = x - static_cast<float>(column);
  const float down = y - static_cast<float>(row);
  const std::uint16_t* const above = voxels + static_cast<std::ptrdiff_t>(row) * slice.width + column;
  const std::uint16_t* const below = above + slice.width;
  const auto mix = [&](const std::uint16_t* pair) {
    return static_cast<float>(pair[0]) + (static_cast<float>(pair[1]) - static_cast<float>(pair[0])) * right;
  };
  return mix(above) + (mix(below) - mix(above)) * down;
}

}  // namespace

NamedFrame slice_frame(int width, int height, int channels, double voxels_per_pixel, double gamma) {
  NamedFrame named{
      fmt::format("slice, {} {}, {} x {}", channels, channels == 1 ? "channel" : "channels", width, height), {}};
  render::FrameInput& frame = named.frame;
  frame.width = width;
  frame.height = height;
  frame.plane.rect = {-0.5, -0.5, width * voxels_per_pixel, height * voxels_per_pixel};
  auto voxels =
      std::make_shared<std::vector<std::uint16_t>>(static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
  for (std::size_t i = 0; i < voxels->size(); ++i) (*voxels)[i] = static_cast<std::uint16_t>(i * 2654435761U >> 20);
  auto slice = std::make_shared<render::SliceLevel>();
  slice->dtype = image::DType::UInt16;
  slice->data = reinterpret_cast<const std::byte*>(voxels->data());
  slice->width = width;
  slice->height = height;
  slice->keep_alive = voxels;
  for (int channel = 0; channel < channels; ++channel) {
    render::LayerInput layer;
    layer.look.contrast_limits = {100, 3000};
    layer.look.gamma = gamma;
    layer.look.colors =
        std::make_shared<const scene::ColorTable>(scene::color_table(kColors.at(static_cast<std::size_t>(channel))));
    layer.look.blending = scene::Blending::Additive;
    layer.look.interpolation = scene::Interpolation::Linear;
    layer.slices.push_back(slice);
    frame.layers.push_back(std::move(layer));
  }
  return named;
}

void draw_plain_slices(const render::FrameInput& input, ThreadPool& pool, render::Picture& out) {
  out.resize(input.width, input.height);
  const std::array<double, 4>& rect = input.plane.rect;
  pool.for_each_index(static_cast<std::size_t>(input.height), [&](std::size_t row) {
    std::uint8_t* rgba = out.rgba.data() + row * static_cast<std::size_t>(input.width) * 4;
    const auto y = static_cast<float>(rect[1] + (static_cast<double>(row) + 0.5) * rect[3] / input.height);
    for (int column = 0; column < input.width; ++column, rgba += 4) {
      const auto x = static_cast<float>(rect[0] + (column + 0.5) * rect[2] / input.width);
      std::array<float, 3> color{0, 0, 0};
      for (const render::LayerInput& layer : input.layers) {
        const auto low = static_cast<float>(layer.look.contrast_limits[0]);
        const auto high = static_cast<float>(layer.look.contrast_limits[1]);
        float place = std::clamp((bilinear(*layer.slices.front(), x, y) - low) / (high - low), 0.0F, 1.0F);
        if (layer.look.gamma != 1.0) place = std::pow(place, static_cast<float>(layer.look.gamma));
        const auto shown = render::color_at(*layer.look.colors, place);
        for (std::size_t i = 0; i < 3; ++i) color[i] += static_cast<float>(shown[i]);
      }
      for (std::size_t i = 0; i < 3; ++i) rgba[i] = render::to_byte(std::min(color[i], 1.0F));
      rgba[3] = 255;
    }
  });
}

}  // namespace ndcast::bench
