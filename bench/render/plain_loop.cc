#include "bench/render/plain_loop.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "render/camera_math.h"
#include "render/look.h"
#include "render/volume_rays.h"

namespace ndcast::bench {
namespace {

float trilinear(const std::uint8_t* voxels, const std::array<int, 3>& size, float x, float y, float z) {
  x = std::clamp(x, 0.0F, static_cast<float>(size[0] - 1));
  y = std::clamp(y, 0.0F, static_cast<float>(size[1] - 1));
  z = std::clamp(z, 0.0F, static_cast<float>(size[2] - 1));
  const int i = std::min(static_cast<int>(x), size[0] - 2);
  const int j = std::min(static_cast<int>(y), size[1] - 2);
  const int k = std::min(static_cast<int>(z), size[2] - 2);
  const float u = x - static_cast<float>(i);
  const float v = y - static_cast<float>(j);
  const float w = z - static_cast<float>(k);
  const std::ptrdiff_t line = size[0];
  const std::ptrdiff_t plane = line * size[1];
  const std::uint8_t* const at = voxels + k * plane + j * line + i;
  const auto along = [&](std::ptrdiff_t from) {
    const float a = at[from];
    return a + (static_cast<float>(at[from + 1]) - a) * u;
  };
  const float front = along(0) + (along(line) - along(0)) * v;
  const float behind = along(plane) + (along(plane + line) - along(plane)) * v;
  return front + (behind - front) * w;
}

using Slabs = std::array<std::array<float, 4>, 256>;

/// Colour and alpha of a step by the value's place in the window.
Slabs slabs_of(const render::LayerLook& look) {
  Slabs slabs;
  for (std::size_t i = 0; i < slabs.size(); ++i) {
    const double t = static_cast<double>(i) / 255;
    const double alpha = render::slab_alpha(look.opacity, t, 1.0);
    const auto color = render::color_at(*look.colors, t);
    slabs[i] = {static_cast<float>(color[0] * alpha), static_cast<float>(color[1] * alpha),
                static_cast<float>(color[2] * alpha), static_cast<float>(alpha)};
  }
  return slabs;
}

}  // namespace

void draw_plain(const render::FrameInput& input, ThreadPool& pool, render::Picture& out) {
  const render::LayerInput& layer = input.layers.front();
  const render::VolumeLevel& volume = *layer.volumes.front();
  const auto* const voxels = reinterpret_cast<const std::uint8_t*>(volume.data);
  const render::RayCamera camera(input.volume, input.width, input.height);
  const Slabs slabs = slabs_of(layer.look);
  const auto low = static_cast<float>(layer.look.contrast_limits[0]);
  const auto scale = 1.0F / static_cast<float>(layer.look.contrast_limits[1] - layer.look.contrast_limits[0]);
  const bool mip = layer.look.rendering == scene::Rendering::Mip;
  out.resize(input.width, input.height);
  pool.for_each_index(static_cast<std::size_t>(input.height), [&](std::size_t row) {
    std::uint8_t* rgba = out.rgba.data() + row * static_cast<std::size_t>(input.width) * 4;
    for (int column = 0; column < input.width; ++column, rgba += 4) {
      std::array<float, 3> color{0, 0, 0};
      const render::Ray ray = camera.ray_at({column + 0.5, static_cast<double>(row) + 0.5});
      const render::RayInterval way = interval_in(ray, volume, {});
      const render::RaySamples samples = way.empty() ? render::RaySamples{} : samples_in(way, ray, volume, 1.0);
      const int steps = static_cast<int>(samples.steps);
      float largest = 0;
      float passes = 1;
      for (int step = 0; step < steps; ++step) {
        const auto at = [&](std::size_t i) {
          return static_cast<float>(samples.first[i]) +
                 static_cast<float>(step) * static_cast<float>(samples.advance[i]);
        };
        const float value = trilinear(voxels, volume.size, at(0), at(1), at(2));
        if (mip) {
          largest = std::max(largest, value);
          continue;
        }
        const float place = std::clamp((value - low) * scale, 0.0F, 1.0F);
        const auto& slab = slabs[static_cast<std::size_t>(place * 255.0F + 0.5F)];
        for (std::size_t i = 0; i < 3; ++i) color[i] += slab[i] * passes;
        passes *= 1 - slab[3];
        if (passes < 0.002F) break;
      }
      if (mip && steps > 0) {
        color = render::color_at(*layer.look.colors, std::clamp((largest - low) * scale, 0.0F, 1.0F));
      }
      for (std::size_t i = 0; i < 3; ++i) rgba[i] = render::to_byte(std::min(color[i], 1.0F));
      rgba[3] = 255;
    }
  });
}

}  // namespace ndcast::bench
