#pragma once
// Which pyramid level a 3D view marches: the finest whose voxels are still worth a pixel and that fits in memory.
//
//   const VolumeChoice choice = choose_volume_level(levels, pose, canvas, current, budget);

#include <cstdint>
#include <span>

#include "scene/types.h"

namespace ndcast::plan {

struct VolumeCandidate {
  double voxel = 1.0;       ///< smallest side of a voxel in world units
  std::int64_t voxels = 1;  ///< of the whole displayed volume
  std::int64_t bytes = 1;
};

struct VolumeBudget {
  std::int64_t voxels = 0;
  std::int64_t bytes = 0;
};

struct VolumeChoice {
  int level = 0;
  bool downgraded = false;  ///< a finer level was worth it but does not fit
};

/// A voxel is worth marching when it projects to this many canvas pixels at the distance of the camera's centre.
inline constexpr double kWorthPx = 0.7;
/// A level that is shown is left for a coarser one only below this, so that a slow zoom does not flutter.
inline constexpr double kKeepPx = 0.6;

/// Canvas pixels of `world` units at the distance of the camera's centre.
double projected_px(double world, const scene::VolumePose& pose, const scene::Canvas& canvas);

/// `levels` finest first, at least one. `current` < 0: nothing is shown yet. When no level fits, the coarsest.
VolumeChoice choose_volume_level(std::span<const VolumeCandidate> levels, const scene::VolumePose& pose,
                                 const scene::Canvas& canvas, int current, const VolumeBudget& budget);

/// The finest level from `level` on that fits: for a locked level.
VolumeChoice fitting_volume_level(std::span<const VolumeCandidate> levels, int level, const VolumeBudget& budget);

}  // namespace ndcast::plan
