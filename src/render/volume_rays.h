#pragma once
// Where a ray samples a volume: the rule that all renderers follow, so that their pictures agree sample by sample.
//
// A volume fills the box from half a voxel before its first voxel centre to half a voxel after its last. The ray's way
// through the box, of world length L, is cut from the entry on into floor(L/ds) steps of ds = sample_step · smallest
// voxel side, and a rest when one is left; each piece is sampled in its middle. So every ray through the box has a
// sample, path lengths are exact, and a skipped sample moves no other. Half-spaces cut the way before it is divided.

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "render/camera_math.h"
#include "render/renderer.h"

namespace ndcast::render {

/// Shorter rests, in steps, are left out: rounding makes them.
inline constexpr double kLeastRest = 1e-3;

/// The samples of one ray: `steps` at voxel position first + i·advance, then one at `rest_at` when rest > 0. Positions
/// are in voxels: voxel (x, y, z) has its centre at (x, y, z).
struct RaySamples {
  Vec3 first{};
  Vec3 advance{};
  std::int64_t steps = 0;
  double rest = 0;  ///< length of the last piece as a fraction of a step
  Vec3 rest_at{};
};

/// Voxels flatter than this are stepped through as if they were this flat, so that no image can ask for endless rays.
/// Light-sheet and electron microscopes stay below 1 : 20.
inline constexpr double kFlattestVoxel = 1.0 / 64;

/// The smallest voxel side in world units: the unit of length of translucent volumes.
inline double voxel_side(const VolumeLevel& level) {
  const auto [least, most] = std::minmax({std::abs(level.step[0]), std::abs(level.step[1]), std::abs(level.step[2])});
  return std::max(least, most * kFlattestVoxel);
}

/// Nothing when the ray misses what is shown of the volume, or that lies behind the eye.
inline std::optional<RaySamples> samples_along(const Ray& ray, const VolumeLevel& level, double sample_step,
                                               const std::vector<HalfSpace>& shown_in) {
  Vec3 eye;
  Vec3 per_length;  // voxels a world unit of the ray
  double enter = ray.begins;
  double leave = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < 3; ++i) {
    eye[i] = (ray.origin[i] - level.origin[i]) / level.step[i];
    per_length[i] = ray.direction[i] / level.step[i];
    const double low = -0.5 - eye[i];
    const double high = level.size[i] - 0.5 - eye[i];
    if (per_length[i] == 0) {
      if (low > 0 || high < 0) return std::nullopt;
      continue;
    }
    const double a = low / per_length[i];
    const double b = high / per_length[i];
    enter = std::max(enter, std::min(a, b));
    leave = std::min(leave, std::max(a, b));
  }
  for (const HalfSpace& shown : shown_in) {
    const double along = dot(ray.direction, shown.normal);
    const double above = dot(ray.origin - shown.position, shown.normal);
    if (along == 0) {
      if (above < 0) return std::nullopt;
    } else if (along > 0) {
      enter = std::max(enter, -above / along);
    } else {
      leave = std::min(leave, -above / along);
    }
  }
  if (!(leave > enter)) return std::nullopt;

  const double step = sample_step * voxel_side(level);
  const double steps = (leave - enter) / step;
  RaySamples samples;
  samples.steps = static_cast<std::int64_t>(steps);
  const double whole = static_cast<double>(samples.steps);
  samples.rest = steps - whole >= kLeastRest ? steps - whole : 0.0;
  samples.advance = per_length * step;
  samples.first = eye + per_length * (enter + 0.5 * step);
  samples.rest_at = eye + per_length * (enter + (whole + 0.5 * samples.rest) * step);
  return samples;
}

}  // namespace ndcast::render
