#pragma once
// Where a ray samples a volume: the rule that all renderers follow, so that their pictures agree sample by sample.
//
// A volume fills the box from half a voxel before its first voxel centre to half a voxel after its last. The ray's way
// through the box, of world length L, is cut from the entry on into floor(L/ds) steps of ds = sample_step · smallest
// voxel side, and a rest when one is left; each piece is sampled in its middle. So every ray through the box has a
// sample, path lengths are exact, and a skipped sample moves no other. Half-spaces cut the way before it is divided.
//
// Of several volumes, a fine box within a coarse one, the finest counts where it is: the way is first cut where boxes
// begin and end (pieces_of()), and each piece then divided by its own level's step.

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>
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

/// The smallest voxel side in world units.
inline double voxel_side(const VolumeLevel& level) {
  const auto [least, most] = std::minmax({std::abs(level.step[0]), std::abs(level.step[1]), std::abs(level.step[2])});
  return std::max(least, most * kFlattestVoxel);
}

/// LayerInput::unit of a layer that has a volume, its default resolved.
inline double unit_of(const LayerInput& layer) {
  return layer.unit > 0 ? layer.unit : voxel_side(*layer.volumes.front());
}

/// From one place on a ray to another, in the ray's own unit of length.
struct RayInterval {
  double enter = 0;
  double leave = 0;

  bool empty() const { return !(leave > enter); }
};

/// Where the ray is in the level's box, in front of the eye, and in what is shown.
inline RayInterval interval_in(const Ray& ray, const VolumeLevel& level, const std::vector<HalfSpace>& shown_in) {
  RayInterval in{ray.begins, std::numeric_limits<double>::infinity()};
  for (std::size_t i = 0; i < 3; ++i) {
    const double per_length = ray.direction[i] / level.step[i];
    const double low = -0.5 - (ray.origin[i] - level.origin[i]) / level.step[i];
    const double high = low + level.size[i];
    if (per_length == 0) {
      if (low > 0 || high < 0) return {};
      continue;
    }
    const auto [near, far] = std::minmax({low / per_length, high / per_length});
    in.enter = std::max(in.enter, near);
    in.leave = std::min(in.leave, far);
  }
  for (const HalfSpace& shown : shown_in) {
    const double along = dot(ray.direction, shown.normal);
    const double above = dot(ray.origin - shown.position, shown.normal);
    if (along == 0) {
      if (above < 0) return {};
    } else if (along > 0) {
      in.enter = std::max(in.enter, -above / along);
    } else {
      in.leave = std::min(in.leave, -above / along);
    }
  }
  return in;
}

/// Pieces of a ray through K volumes, from the eye on: those before the finest, coarsest first; that in the finest, at
/// K − 1; those behind it. Piece i lies in volume |K − 1 − i|.
inline constexpr std::size_t kMostPieces = 2 * kMostVolumes - 1;
constexpr std::size_t volume_of_piece(std::size_t piece, std::size_t volumes) {
  return piece < volumes ? volumes - 1 - piece : piece - (volumes - 1);
}

/// `in` the volumes, finest first, 1 … kMostVolumes of them.
inline std::array<RayInterval, kMostPieces> pieces_of(std::span<const RayInterval> in) {
  const std::size_t finest = in.size() - 1;
  std::array<RayInterval, kMostPieces> pieces{};
  RayInterval finer = in[0];  // from the first to the last that is in a finer volume
  pieces[finest] = in[0];
  for (std::size_t i = 1; i < in.size(); ++i) {
    if (in[i].empty()) continue;
    if (finer.empty()) {
      pieces[finest - i] = finer = in[i];
      continue;
    }
    // Boxes that do not lie in each other: what is between them is the next level's, where there is one.
    const bool apart = in[i].leave < finer.enter || in[i].enter > finer.leave;
    if (apart && i < finest) continue;
    pieces[finest - i] = {in[i].enter, std::min(in[i].leave, finer.enter)};
    pieces[finest + i] = {std::max(in[i].enter, finer.leave), in[i].leave};
    finer = {std::min(in[i].enter, finer.enter), std::max(in[i].leave, finer.leave)};
  }
  return pieces;
}

/// The samples of a piece of the ray's way through the level, which is not empty.
inline RaySamples samples_in(const RayInterval& piece, const Ray& ray, const VolumeLevel& level, double sample_step) {
  const double step = sample_step * voxel_side(level);
  const double steps = (piece.leave - piece.enter) / step;
  RaySamples samples;
  samples.steps = static_cast<std::int64_t>(steps);
  const double whole = static_cast<double>(samples.steps);
  samples.rest = steps - whole >= kLeastRest ? steps - whole : 0.0;
  const auto voxel_at = [&](double length) {
    Vec3 at;
    for (std::size_t i = 0; i < 3; ++i) {
      at[i] = (ray.origin[i] + ray.direction[i] * length - level.origin[i]) / level.step[i];
    }
    return at;
  };
  for (std::size_t i = 0; i < 3; ++i) samples.advance[i] = ray.direction[i] / level.step[i] * step;
  samples.first = voxel_at(piece.enter + 0.5 * step);
  samples.rest_at = voxel_at(piece.enter + (whole + 0.5 * samples.rest) * step);
  return samples;
}

/// A piece of a ray with its samples.
struct SampledPiece {
  const VolumeLevel& volume;
  RaySamples samples;
  double units;  ///< of a step, in the layer's unit of length
};

/// Calls visit(SampledPiece) for what a ray samples of a layer that has a volume, from the eye on, until it returns
/// false.
template <class Visit>
void visit_way(const Ray& ray, const LayerInput& layer, double frame_step, Visit&& visit) {
  const std::size_t volumes = layer.volumes.size();
  std::array<RayInterval, kMostVolumes> in;
  for (std::size_t i = 0; i < volumes; ++i) in[i] = interval_in(ray, *layer.volumes[i], layer.look.shown_in);
  const auto pieces = pieces_of(std::span(in).first(volumes));
  const double sample_step = frame_step * layer.look.sample_step;
  for (std::size_t i = 0; i < 2 * volumes - 1; ++i) {
    if (pieces[i].empty()) continue;
    const VolumeLevel& volume = *layer.volumes[volume_of_piece(i, volumes)];
    const double units = sample_step * voxel_side(volume) / unit_of(layer);
    if (!visit(SampledPiece{volume, samples_in(pieces[i], ray, volume, sample_step), units})) return;
  }
}

}  // namespace ndcast::render
