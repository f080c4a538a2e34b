#pragma once
// Where a view looks before anybody moved it: the whole image, in both modes. Pure. Used at bootstrap and when a scene
// is replaced (room), and by the render thread's `reset`.
//
//   const PlanePose plane = fitted_plane_pose(axes, view.order, view.canvas);
//   const VolumePose volume = fitted_volume_pose(axes, view.order, view.canvas);

#include <array>
#include <span>

#include "scene/types.h"

namespace ndcast::plan {

/// World interval that an axis covers, outer voxel edges included: low ≤ high whatever the sign of the step.
struct Extent {
  double low = 0;
  double high = 1;
  double size() const { return high - low; }
  double middle() const { return 0.5 * (low + high); }
};

/// From start − |step|/2 on the low side to half a step beyond the last voxel. A degenerate axis (size < 1, step 0 or
/// not finite) counts as one unit around its start.
Extent extent_of(const scene::Axis& axis);

/// The extents of the last `N` of `order`, fastest first: {x, y} or {x, y, z}. A scene with fewer axes is padded with
/// one unit around 0.
template <std::size_t N>
std::array<Extent, N> displayed_extents(const scene::AxesSpec& axes, std::span<const int> order);

/// The pose whose rectangle has the canvas' aspect, one scale on both axes, the data centred and touching two opposite
/// edges. `order` is the view's whole order; its last two axes are shown.
scene::PlanePose fitted_plane_pose(const scene::AxesSpec& axes, std::span<const int> order,
                                   const scene::Canvas& canvas);

/// Azimuth 30, elevation 30, roll 0, fov 60, looking at the middle of the last three axes of `order`. The original's
/// distance, 1.1·(h/2)/tan(fov/2), clips corners when turned; here the bounding sphere of radius r = diagonal/2 fits at
/// any angle: distance = r / sin(half), where half is the half angle of the canvas' narrower direction.
scene::VolumePose fitted_volume_pose(const scene::AxesSpec& axes, std::span<const int> order,
                                     const scene::Canvas& canvas);

/// A rectangle as a pose: center and zoom follow from it and the canvas.
scene::PlanePose plane_pose_of_rect(const std::array<double, 4>& rect, const scene::Canvas& canvas);

}  // namespace ndcast::plan
