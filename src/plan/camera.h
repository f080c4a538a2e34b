#pragma once
// Camera verbs on poses, as pure functions: what the render thread mints, what a client may predict. A verb that makes
// no sense for the pose (an orbit in 2D, a factor that is not positive and finite) leaves it as it was.
//
//   const PlanePose next = apply(ZoomVerb{0.5, {640, 360}}, pose, {.axes = axes, .order = order, .canvas = canvas});

#include <array>
#include <span>

#include "scene/intent.h"
#include "scene/types.h"

namespace ndcast::plan {

/// What a verb is judged against.
struct CameraFrame {
  const scene::AxesSpec& axes;
  std::span<const int> order;  ///< the view's whole order; its last two or three axes are displayed
  scene::Canvas canvas;        ///< that the verb's pixels belong to
};

/// Sides of the visible rectangle in world units that a verb may reach; one that goes beyond changes nothing.
inline constexpr double kMinRectSide = 1e-9;
inline constexpr double kMaxRectSide = 1e12;
/// As the original: nearer than this the view matrix loses its digits.
inline constexpr double kMinDistance = 1e-6;
inline constexpr double kMaxDistance = 1e12;
/// Short of the poles, where azimuth and roll become one.
inline constexpr double kMaxElevationDeg = 89.9;

/// zoom: the rectangle's edges move to `factor` times their distance from the world point under the anchor.
/// pan: the content follows the finger. reset: the fitted pose. set: rect (its centre kept, its size widened to the
/// canvas' aspect), then zoom (about the centre), then center.
scene::PlanePose apply(const scene::CameraVerb& verb, const scene::PlanePose& pose, const CameraFrame& frame);

/// zoom: distance × factor; the anchor does not matter. pan: the centre moves in the view plane so that what lies there
/// follows the finger (the original moved world x and dollied instead). orbit: azimuth wrapped to (−180, 180],
/// elevation within ±kMaxElevationDeg. reset: the fitted pose. set: each member given; angles of two keep the roll.
scene::VolumePose apply(const scene::CameraVerb& verb, const scene::VolumePose& pose, const CameraFrame& frame);

/// The pose on a canvas of another size: the fitted pose stays fitted; any other keeps its centre and its height in
/// world units, so that resizing there and back returns to it.
scene::PlanePose refit(const scene::PlanePose& pose, const CameraFrame& old_frame, const scene::Canvas& canvas);
scene::VolumePose refit(const scene::VolumePose& pose, const CameraFrame& old_frame, const scene::Canvas& canvas);

/// Unit vectors of the view plane in world (x, y, z), roll included: the picture's right and up. With roll 0 and
/// f = (−sin az·cos el, cos az·cos el, −sin el) the way the camera looks, right = (cos az, sin az, 0), up = right × f.
/// A positive roll turns the camera clockwise as it sees it, so its right side dips; the same as render/camera_math.h.
struct ViewPlane {
  std::array<double, 3> right;
  std::array<double, 3> up;
};
ViewPlane view_plane(const scene::VolumePose& pose);

}  // namespace ndcast::plan
