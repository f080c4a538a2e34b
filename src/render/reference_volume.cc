#include "render/reference_volume.h"

#include "render/label_ray.h"
#include "render/ray_modes.h"
#include "render/volume_rays.h"

namespace ndcast::render {
namespace {

/// `at` in voxels; held at the border.
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

/// A ray through a layer's volume.
struct Way {
  const LayerLook& look;
  const VolumeLevel& volume;
  const Ray& ray;
  RaySamples samples;
  double sample_step;

  /// Smallest voxel sides of a sample that is `length` steps long.
  double sides(double length) const { return sample_step * length; }
  double value_at(const Vec3& at) const { return sample_volume(volume, at, look.interpolation); }
};

/// Calls visit(value, place in voxels, length of the sample's piece in steps) for each finite sample, from the eye on,
/// until it returns false.
template <class Visit>
void march(const Way& way, Visit&& visit) {
  const auto sample = [&](const Vec3& at, double length) {
    const double value = way.value_at(at);
    return !std::isfinite(value) || visit(value, at, length);
  };
  for (std::int64_t i = 0; i < way.samples.steps; ++i) {
    if (!sample(way.samples.first + way.samples.advance * static_cast<double>(i), 1.0)) return;
  }
  if (way.samples.rest > 0) sample(way.samples.rest_at, way.samples.rest);
}

std::optional<Contribution> in_color_of(const LayerLook& look, const std::optional<double>& value) {
  if (!value) return std::nullopt;
  return covering(color_at(*look.colors, windowed(look, *value)), opacity_at(look, *value));
}

template <class Choose>
std::optional<double> chosen(const Way& way, Choose&& choose) {
  std::optional<double> best;
  march(way, [&](double value, const Vec3&, double) {
    best = best ? choose(*best, value) : value;
    return true;
  });
  return best;
}

std::optional<double> average(const Way& way) {
  double sum = 0;
  double lengths = 0;
  march(way, [&](double value, const Vec3&, double length) {
    sum += value * length;
    lengths += length;
    return true;
  });
  if (lengths == 0) return std::nullopt;
  return sum / lengths;
}

std::optional<Contribution> attenuated(const Way& way) {
  const Window window(way.look.contrast_limits);
  std::optional<double> best;
  double in_front = 0;
  march(way, [&](double value, const Vec3&, double length) {
    const double t = window(value);
    const double unheld = window.per_unit() == 0 ? t : std::max((value - window.low()) * window.per_unit(), 0.0);
    const double dimmed = unheld * std::exp(-way.look.attenuation * in_front);
    best = best ? std::max(*best, dimmed) : dimmed;
    in_front += t * way.sides(length);
    return true;
  });
  if (!best) return std::nullopt;
  const double place = std::min(*best, 1.0);
  return covering(color_at(*way.look.colors, std::pow(place, way.look.gamma)),
                  opacity_at(way.look, window.value_at(place)));
}

std::optional<Contribution> translucent(const Way& way) {
  Contribution sum;
  march(way, [&](double value, const Vec3&, double length) {
    const double t = windowed(way.look, value);
    const double share =
        (1 - sum.alpha) * slab_alpha(way.look.opacity, density_at(way.look, value, t), way.sides(length));
    const Rgb<double> color = color_at(*way.look.colors, t);
    for (std::size_t i = 0; i < 3; ++i) sum.premultiplied[i] += color[i] * share;
    sum.alpha += share;
    return true;
  });
  if (sum.alpha <= 0) return std::nullopt;
  sum.source = sum.premultiplied;
  return sum;
}

std::optional<Contribution> additive(const Way& way) {
  Contribution sum;
  march(way, [&](double value, const Vec3&, double length) {
    const double t = windowed(way.look, value);
    const double light = way.look.opacity * density_at(way.look, value, t) * way.sides(length);
    const Rgb<double> color = color_at(*way.look.colors, t);
    for (std::size_t i = 0; i < 3; ++i) sum.premultiplied[i] = std::min(sum.premultiplied[i] + color[i] * light, 1.0);
    sum.alpha = std::min(sum.alpha + light, 1.0);
    return true;
  });
  if (sum.alpha <= 0) return std::nullopt;
  sum.source = sum.premultiplied;
  return sum;
}

/// |cos| of the angle between the surface's normal at a place (in voxels) and the ray, by central differences one voxel
/// to each side; 1 where there is no gradient.
double facing(const Way& way, const Vec3& at) {
  Vec3 normal;
  for (std::size_t i = 0; i < 3; ++i) {
    Vec3 one{};
    one[i] = 1;
    normal[i] = (sample_volume(way.volume, at + one, scene::Interpolation::Linear) -
                 sample_volume(way.volume, at - one, scene::Interpolation::Linear)) /
                way.volume.step[i];
  }
  const double length = std::sqrt(dot(normal, normal));
  if (!(length > 0) || !std::isfinite(length)) return 1;
  return std::abs(dot(normal, way.ray.direction)) / length;
}

std::optional<Contribution> surface(const Way& way) {
  const double threshold = way.look.iso_threshold;
  std::optional<Vec3> hit;
  Vec3 last_at{};
  double last = std::numeric_limits<double>::quiet_NaN();
  // Every sample counts as the one before, finite or not, so that no crossing is drawn across a hole.
  const auto visit = [&](const Vec3& at) {
    const double value = way.value_at(at);
    if (std::isfinite(value) && value >= threshold) {
      hit = last_at + (at - last_at) * crossing(last, value, threshold);
    }
    last_at = at;
    last = value;
  };
  for (std::int64_t i = 0; i < way.samples.steps && !hit; ++i) {
    visit(way.samples.first + way.samples.advance * static_cast<double>(i));
  }
  if (!hit && way.samples.rest > 0) visit(way.samples.rest_at);
  if (!hit) return std::nullopt;
  const Rgb<double> color = color_at(*way.look.colors, windowed(way.look, threshold));
  return covering(lit(color, facing(way, *hit)), opacity_at(way.look, threshold));
}

}  // namespace

std::optional<Contribution> volume_pixel(const LayerInput& layer, const Ray& ray, double frame_step) {
  if (layer.volumes.empty()) return std::nullopt;
  if (layer.look.labels) return label_pixel(layer, ray, frame_step, false);
  const VolumeLevel& volume = *layer.volumes.front();
  const double sample_step = frame_step * layer.look.sample_step;
  const std::optional<RaySamples> samples = samples_along(ray, volume, sample_step, layer.look.shown_in);
  if (!samples) return std::nullopt;
  const Way way{layer.look, volume, ray, *samples, sample_step};
  using scene::Rendering;
  switch (layer.look.rendering) {
    case Rendering::Mip:
      return in_color_of(layer.look, chosen(way, [](double a, double b) { return std::max(a, b); }));
    case Rendering::Minip:
      return in_color_of(layer.look, chosen(way, [](double a, double b) { return std::min(a, b); }));
    case Rendering::Average:
      return in_color_of(layer.look, average(way));
    case Rendering::AttenuatedMip:
      return attenuated(way);
    case Rendering::Translucent:
      return translucent(way);
    case Rendering::Additive:
      return additive(way);
    case Rendering::Iso:
      return surface(way);
  }
  return std::nullopt;
}

}  // namespace ndcast::render
