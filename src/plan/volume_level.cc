#include "plan/volume_level.h"

#include <algorithm>
#include <cmath>

namespace ndcast::plan {

double projected_px(double world, const scene::VolumePose& pose, const scene::Canvas& canvas) {
  return world * canvas.height / height_at_center(pose);
}

VolumeChoice fitting_volume_level(std::span<const VolumeCandidate> levels, int level, const VolumeBudget& budget) {
  const int coarsest = static_cast<int>(levels.size()) - 1;
  const int asked = std::clamp(level, 0, coarsest);
  for (int candidate = asked; candidate <= coarsest; ++candidate) {
    const VolumeCandidate& size = levels[static_cast<std::size_t>(candidate)];
    if (size.voxels <= budget.voxels && size.bytes <= budget.bytes) return {candidate, candidate != asked};
  }
  return {coarsest, coarsest != asked};
}

VolumeChoice choose_volume_level(std::span<const VolumeCandidate> levels, const scene::VolumePose& pose,
                                 const scene::Canvas& canvas, int current, const VolumeBudget& budget) {
  const int coarsest = static_cast<int>(levels.size()) - 1;
  int worth = coarsest;
  for (int level = 0; level < coarsest; ++level) {
    const double enough = level == current ? kKeepPx : kWorthPx;
    if (projected_px(levels[static_cast<std::size_t>(level)].voxel, pose, canvas) < enough) continue;
    worth = level;
    break;
  }
  return fitting_volume_level(levels, worth, budget);
}

}  // namespace ndcast::plan
