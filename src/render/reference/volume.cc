#include "render/reference/volume.h"

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

/// A ray through a layer's volumes.
struct Way {
  const LayerInput& layer;
  const LayerLook& look;
  const Ray& ray;
  double frame_step;

  double value_at(const SampledPiece& piece, const Vec3& at) const {
    return sample_volume(piece.volume, at, look.interpolation);
  }
};

/// Calls visit(value, length of the sample in units) for each finite sample, from the eye on.
template <class Visit>
void march(const Way& way, Visit&& visit) {
  visit_way(way.ray, way.layer, way.frame_step, [&](const SampledPiece& piece) {
    const auto sample = [&](const Vec3& at, double length) {
      const double value = way.value_at(piece, at);
      if (std::isfinite(value)) visit(value, length * piece.units);
    };
    const RaySamples& samples = piece.samples;
    for (std::int64_t i = 0; i < samples.steps; ++i) {
      sample(samples.first + samples.advance * static_cast<double>(i), 1.0);
    }
    if (samples.rest > 0) sample(samples.rest_at, samples.rest);
    return true;
  });
}

std::optional<Contribution> in_color_of(const LayerLook& look, const std::optional<double>& value) {
  if (!value) return std::nullopt;
  return covering(color_at(*look.colors, windowed(look, *value)), opacity_at(look, *value));
}

template <class Choose>
std::optional<double> chosen(const Way& way, Choose&& choose) {
  std::optional<double> best;
  march(way, [&](double value, double) { best = best ? choose(*best, value) : value; });
  return best;
}

std::optional<double> average(const Way& way) {
  double sum = 0;
  double lengths = 0;
  march(way, [&](double value, double units) {
    sum += value * units;
    lengths += units;
  });
  if (lengths == 0) return std::nullopt;
  return sum / lengths;
}

std::optional<Contribution> attenuated(const Way& way) {
  const Window window(way.look.contrast_limits);
  std::optional<double> best;
  double in_front = 0;
  march(way, [&](double value, double units) {
    const double t = window(value);
    const double unheld = window.per_unit() == 0 ? t : std::max((value - window.low()) * window.per_unit(), 0.0);
    const double dimmed = unheld * std::exp(-way.look.attenuation * in_front);
    best = best ? std::max(*best, dimmed) : dimmed;
    in_front += t * units;
  });
  if (!best) return std::nullopt;
  const double place = std::min(*best, 1.0);
  return covering(color_at(*way.look.colors, std::pow(place, way.look.gamma)),
                  opacity_at(way.look, window.value_at(place)));
}

std::optional<Contribution> translucent(const Way& way) {
  Contribution sum{.gathered = true};
  march(way, [&](double value, double units) {
    const double t = windowed(way.look, value);
    const double share = (1 - sum.alpha) * slab_alpha(way.look.opacity, density_at(way.look, value, t), units);
    const Rgb<double> color = color_at(*way.look.colors, t);
    for (std::size_t i = 0; i < 3; ++i) sum.premultiplied[i] += color[i] * share;
    sum.alpha += share;
  });
  return sum;
}

std::optional<Contribution> additive(const Way& way) {
  Contribution sum{.gathered = true};
  march(way, [&](double value, double units) {
    const double t = windowed(way.look, value);
    const double light = way.look.opacity * density_at(way.look, value, t) * units;
    const Rgb<double> color = color_at(*way.look.colors, t);
    for (std::size_t i = 0; i < 3; ++i) sum.premultiplied[i] = std::min(sum.premultiplied[i] + color[i] * light, 1.0);
    sum.alpha = std::min(sum.alpha + light, 1.0);
  });
  return sum;
}

/// |cos| of the angle between the surface's normal at a place (in voxels) and the ray, by central differences one voxel
/// to each side; 1 where there is no gradient.
double facing(const VolumeLevel& volume, const Ray& ray, const Vec3& at) {
  Vec3 normal;
  for (std::size_t i = 0; i < 3; ++i) {
    Vec3 one{};
    one[i] = 1;
    normal[i] = (sample_volume(volume, at + one, scene::Interpolation::Linear) -
                 sample_volume(volume, at - one, scene::Interpolation::Linear)) /
                volume.step[i];
  }
  const double length = std::sqrt(dot(normal, normal));
  if (!(length > 0) || !std::isfinite(length)) return 1;
  return std::abs(dot(normal, ray.direction)) / length;
}

/// Where the piece first reaches the threshold.
std::optional<Vec3> first_crossing(const Way& way, const SampledPiece& piece, double threshold) {
  std::optional<Vec3> hit;
  Vec3 last_at{};
  double last = std::numeric_limits<double>::quiet_NaN();
  // Every sample counts as the one before, finite or not, so that no crossing is drawn across a hole.
  const auto visit = [&](const Vec3& at) {
    const double value = way.value_at(piece, at);
    if (std::isfinite(value) && value >= threshold) {
      hit = last_at + (at - last_at) * crossing(last, value, threshold);
    }
    last_at = at;
    last = value;
  };
  const RaySamples& samples = piece.samples;
  for (std::int64_t i = 0; i < samples.steps && !hit; ++i) {
    visit(samples.first + samples.advance * static_cast<double>(i));
  }
  if (!hit && samples.rest > 0) visit(samples.rest_at);
  return hit;
}

std::optional<Contribution> surface(const Way& way) {
  const double threshold = way.look.iso_threshold;
  std::optional<double> seen;
  visit_way(way.ray, way.layer, way.frame_step, [&](const SampledPiece& piece) {
    if (const std::optional<Vec3> hit = first_crossing(way, piece, threshold)) {
      seen = facing(piece.volume, way.ray, *hit);
    }
    return !seen;
  });
  if (!seen) return std::nullopt;
  const Rgb<double> color = color_at(*way.look.colors, windowed(way.look, threshold));
  return covering(lit(color, *seen), opacity_at(way.look, threshold));
}

}  // namespace

std::optional<Contribution> volume_pixel(const LayerInput& layer, const Ray& ray, double frame_step) {
  if (layer.volumes.empty()) return std::nullopt;
  if (layer.look.labels) return label_pixel(layer, ray, frame_step, false);
  const Way way{layer, layer.look, ray, frame_step};
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
