#include "render/reference_renderer.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "render/camera_math.h"
#include "render/frame_check.h"
#include "render/look.h"
#include "render/volume_rays.h"

namespace ndcast::render {
namespace {

/// What a layer puts into one pixel, as blend() takes it.
struct Contribution {
  Rgb<double> source{};
  Rgb<double> premultiplied{};
  double alpha = 0;
};

/// The one or two voxels along an axis that a sample is made of: (1 − weight)·at[0] + weight·at[1].
struct Neighbours {
  std::array<std::int64_t, 2> at;
  double weight;
};

/// `position` in voxels, in [−0.5, size − 0.5]. Half a voxel outside the outer centres linear is held at the border.
Neighbours neighbours_of(double position, std::int64_t size, scene::Interpolation interpolation) {
  if (interpolation == scene::Interpolation::Nearest) {
    const auto voxel = std::clamp<std::int64_t>(static_cast<std::int64_t>(std::floor(position + 0.5)), 0, size - 1);
    return {{voxel, voxel}, 0.0};
  }
  const double inside = std::clamp(position, 0.0, static_cast<double>(size - 1));
  const auto below = std::min(static_cast<std::int64_t>(inside), std::max<std::int64_t>(size - 2, 0));
  return {{below, std::min(below + 1, size - 1)}, inside - static_cast<double>(below)};
}

double mix(double a, double b, double weight) { return a + (b - a) * weight; }

double windowed(const LayerLook& look, double value) {
  return std::pow(Window(look.contrast_limits)(value), look.gamma);
}

Contribution opaque_contribution(const LayerLook& look, double value) {
  const Rgb<double> color = color_at(*look.colors, windowed(look, value));
  Contribution result{.source = color, .alpha = look.opacity};
  for (std::size_t i = 0; i < 3; ++i) result.premultiplied[i] = color[i] * look.opacity;
  return result;
}

// --- slices ---

bool is_loaded(const SliceLevel& slice, std::int64_t x, std::int64_t y) {
  if (slice.loaded.empty()) return true;
  const std::int64_t columns = (slice.width + slice.block[0] - 1) / slice.block[0];
  return slice.loaded[static_cast<std::size_t>(y / slice.block[1] * columns + x / slice.block[0])] != 0;
}

/// The value at a place of one level; nothing outside its data or where one of the voxels is not loaded.
std::optional<double> sample_slice(const SliceLevel& slice, const Vec2& world, scene::Interpolation interpolation) {
  const double column = (world[0] - slice.origin[0]) / slice.step[0];
  const double row = (world[1] - slice.origin[1]) / slice.step[1];
  if (!(column >= -0.5 && column < slice.width - 0.5 && row >= -0.5 && row < slice.height - 0.5)) return std::nullopt;
  const Neighbours x = neighbours_of(column, slice.width, interpolation);
  const Neighbours y = neighbours_of(row, slice.height, interpolation);
  for (const std::int64_t j : y.at) {
    for (const std::int64_t i : x.at) {
      if (!is_loaded(slice, i, j)) return std::nullopt;
    }
  }
  const auto voxel = [&](std::int64_t i, std::int64_t j) {
    const auto offset = static_cast<std::size_t>(j * slice.width + i) * image::byte_size(slice.dtype);
    return image::value_as_double(slice.dtype, slice.data + offset);
  };
  return mix(mix(voxel(x.at[0], y.at[0]), voxel(x.at[1], y.at[0]), x.weight),
             mix(voxel(x.at[0], y.at[1]), voxel(x.at[1], y.at[1]), x.weight), y.weight);
}

std::optional<Contribution> slice_pixel(const LayerInput& layer, const Vec2& world) {
  for (const auto& slice : layer.slices) {
    const std::optional<double> value = sample_slice(*slice, world, layer.look.interpolation);
    if (!value) continue;
    if (!std::isfinite(*value)) return std::nullopt;
    return opaque_contribution(layer.look, *value);
  }
  return std::nullopt;
}

// --- volumes ---

double sample_volume(const VolumeLevel& volume, const Vec3& at, scene::Interpolation interpolation) {
  const Neighbours x = neighbours_of(at[0], volume.size[0], interpolation);
  const Neighbours y = neighbours_of(at[1], volume.size[1], interpolation);
  const Neighbours z = neighbours_of(at[2], volume.size[2], interpolation);
  const auto voxel = [&](std::int64_t i, std::int64_t j, std::int64_t k) {
    const auto offset = static_cast<std::size_t>((k * volume.size[1] + j) * volume.size[0] + i);
    return image::value_as_double(volume.dtype, volume.data + offset * image::byte_size(volume.dtype));
  };
  const auto line = [&](std::int64_t j, std::int64_t k) {
    return mix(voxel(x.at[0], j, k), voxel(x.at[1], j, k), x.weight);
  };
  const auto plane = [&](std::int64_t k) { return mix(line(y.at[0], k), line(y.at[1], k), y.weight); };
  return mix(plane(z.at[0]), plane(z.at[1]), z.weight);
}

/// Calls visit(value, length of the sample's piece in steps) for each finite sample, from the eye on.
template <class Visit>
void march(const RaySamples& samples, const VolumeLevel& volume, scene::Interpolation interpolation, Visit&& visit) {
  const auto sample = [&](const Vec3& at, double length) {
    const double value = sample_volume(volume, at, interpolation);
    if (std::isfinite(value)) visit(value, length);
  };
  for (std::int64_t i = 0; i < samples.steps; ++i) {
    sample(samples.first + samples.advance * static_cast<double>(i), 1.0);
  }
  if (samples.rest > 0) sample(samples.rest_at, samples.rest);
}

std::optional<Contribution> mip_pixel(const RaySamples& samples, const VolumeLevel& volume, const LayerLook& look) {
  std::optional<double> largest;
  march(samples, volume, look.interpolation,
        [&](double value, double) { largest = largest ? std::max(*largest, value) : value; });
  if (!largest) return std::nullopt;
  return opaque_contribution(look, *largest);
}

std::optional<Contribution> translucent_pixel(const RaySamples& samples, const VolumeLevel& volume,
                                              const LayerLook& look, double sample_step) {
  Contribution sum;
  march(samples, volume, look.interpolation, [&](double value, double length) {
    const double t = windowed(look, value);
    const double share = (1 - sum.alpha) * slab_alpha(look.opacity, t, sample_step * length);
    const Rgb<double> color = color_at(*look.colors, t);
    for (std::size_t i = 0; i < 3; ++i) sum.premultiplied[i] += color[i] * share;
    sum.alpha += share;
  });
  if (sum.alpha <= 0) return std::nullopt;
  sum.source = sum.premultiplied;
  return sum;
}

std::optional<Contribution> volume_pixel(const LayerInput& layer, const Ray& ray, double frame_step) {
  if (layer.volumes.empty()) return std::nullopt;
  const VolumeLevel& volume = *layer.volumes.front();
  const double sample_step = frame_step * layer.look.sample_step;
  const std::optional<RaySamples> samples = samples_along(ray, volume, sample_step);
  if (!samples) return std::nullopt;
  if (layer.look.rendering == scene::Rendering::Mip) return mip_pixel(*samples, volume, layer.look);
  return translucent_pixel(*samples, volume, layer.look, sample_step);
}

/// Composites the layers, each of which `contribution(layer)` gives for this pixel.
template <class ContributionOf>
void paint(const FrameInput& input, ContributionOf&& contribution, std::uint8_t* rgba) {
  Rgb<double> color;
  for (std::size_t i = 0; i < 3; ++i) color[i] = input.background[i] / 255.0;
  for (const LayerInput& layer : input.layers) {
    const std::optional<Contribution> top = contribution(layer);
    if (!top) continue;
    const BlendStep step = *blend_step(layer.look.blending, &layer == &input.layers.front());
    for (std::size_t i = 0; i < 3; ++i) {
      color[i] = blend(step, color[i], top->source[i], top->premultiplied[i], top->alpha);
    }
  }
  for (std::size_t i = 0; i < 3; ++i) rgba[i] = to_byte(color[i]);
  rgba[3] = 255;
}

}  // namespace

Result<void> ReferenceRenderer::render(const FrameInput& input, Picture& out) {
  ND_TRY(check_frame(input));
  out.resize(input.width, input.height);
  const PlaneMap map(input.plane, input.width, input.height);
  const RayCamera camera(input.volume, input.width, input.height);
  std::uint8_t* rgba = out.rgba.data();
  for (int row = 0; row < input.height; ++row) {
    for (int column = 0; column < input.width; ++column, rgba += 4) {
      const Vec2 point_px{column + 0.5, row + 0.5};
      if (input.mode == scene::Mode::Plane) {
        const Vec2 world = map.world_from_pixel(point_px);
        paint(input, [&](const LayerInput& layer) { return slice_pixel(layer, world); }, rgba);
      } else {
        const Ray ray = camera.ray_at(point_px);
        paint(input, [&](const LayerInput& layer) { return volume_pixel(layer, ray, input.sample_step); }, rgba);
      }
    }
  }
  return {};
}

}  // namespace ndcast::render
