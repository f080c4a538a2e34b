#include "plan/camera.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <variant>

#include "plan/canonical_pose.h"

namespace ndcast::plan {
namespace {

using scene::OrbitVerb;
using scene::PanVerb;
using scene::PlanePose;
using scene::ResetVerb;
using scene::SetPoseVerb;
using scene::VolumePose;
using scene::ZoomVerb;

double radians(double degrees) { return degrees * std::numbers::pi / 180.0; }

bool all_finite(const auto& numbers) {
  return std::ranges::all_of(numbers, [](double number) { return std::isfinite(number); });
}

bool is_usable(const ZoomVerb& verb) {
  return verb.factor > 0.0 && std::isfinite(verb.factor) && all_finite(verb.anchor_px);
}
bool is_usable(const PanVerb& verb) { return std::isfinite(verb.dx_px) && std::isfinite(verb.dy_px); }

bool is_usable(const std::array<double, 4>& rect) {
  return all_finite(rect) && rect[2] >= kMinRectSide && rect[3] >= kMinRectSide && rect[2] <= kMaxRectSide &&
         rect[3] <= kMaxRectSide;
}

double aspect_of(const scene::Canvas& canvas) {
  return static_cast<double>(std::max(canvas.width, 1)) / std::max(canvas.height, 1);
}

/// A pose of that rectangle, or the old one when zooming or panning would leave the range of useful numbers.
PlanePose accept(const std::array<double, 4>& rect, const PlanePose& old, const scene::Canvas& canvas) {
  return is_usable(rect) ? plane_pose_of_rect(rect, canvas) : old;
}

/// The smallest rectangle of the canvas' aspect around `rect`, same centre.
std::array<double, 4> widened(const std::array<double, 4>& rect, const scene::Canvas& canvas) {
  const double width = std::max(rect[2], rect[3] * aspect_of(canvas));
  const double height = std::max(rect[3], rect[2] / aspect_of(canvas));
  return {rect[0] + 0.5 * (rect[2] - width), rect[1] + 0.5 * (rect[3] - height), width, height};
}

std::array<double, 2> center_of(const std::array<double, 4>& rect) {
  return {rect[0] + 0.5 * rect[2], rect[1] + 0.5 * rect[3]};
}

std::array<double, 4> around(const std::array<double, 2>& center, double width, double height) {
  return {center[0] - 0.5 * width, center[1] - 0.5 * height, width, height};
}

PlanePose zoomed(const ZoomVerb& verb, const PlanePose& pose, const scene::Canvas& canvas) {
  const auto& [left, bottom, width, height] = pose.rect;
  // Anchors count from the bottom left of the picture, rows of the picture from the top.
  const double right_share = verb.anchor_px[0] / canvas.width;
  const double down_share = 1.0 - verb.anchor_px[1] / canvas.height;
  const double anchor_x = left + right_share * width;
  const double anchor_y = bottom + down_share * height;
  const double f = verb.factor;
  return accept({anchor_x + (left - anchor_x) * f, anchor_y + (bottom - anchor_y) * f, width * f, height * f}, pose,
                canvas);
}

PlanePose panned(const PanVerb& verb, const PlanePose& pose, const scene::Canvas& canvas) {
  std::array<double, 4> rect = pose.rect;
  rect[0] -= verb.dx_px * rect[2] / canvas.width;
  rect[1] += verb.dy_px * rect[3] / canvas.height;
  return accept(rect, pose, canvas);
}

PlanePose set(const SetPoseVerb& verb, const PlanePose& pose, const scene::Canvas& canvas) {
  PlanePose next = pose;
  if (verb.rect && is_usable(*verb.rect)) next = accept(widened(*verb.rect, canvas), next, canvas);
  if (verb.zoom && std::isfinite(*verb.zoom) && *verb.zoom > 0.0) {
    const double width = canvas.width / *verb.zoom;
    next = accept(around(center_of(next.rect), width, width / aspect_of(canvas)), next, canvas);
  }
  if (verb.center && verb.center->size() == 2 && all_finite(*verb.center)) {
    next = accept(around({(*verb.center)[0], (*verb.center)[1]}, next.rect[2], next.rect[3]), next, canvas);
  }
  return next;
}

VolumePose panned(const PanVerb& verb, const VolumePose& pose, const scene::Canvas& canvas) {
  const double world_per_px = height_at_center(pose) / canvas.height;
  const ViewPlane plane = view_plane(pose);
  VolumePose next = pose;
  for (std::size_t i = 0; i < 3; ++i) {
    next.center[i] -= world_per_px * (verb.dx_px * plane.right[i] + verb.dy_px * plane.up[i]);
  }
  return all_finite(next.center) ? next : pose;
}

/// To (−180, 180].
double wrapped(double degrees) {
  const double turned = std::remainder(degrees, 360.0);
  return turned == -180.0 ? 180.0 : turned;
}

VolumePose turned_to(VolumePose pose, double azimuth, double elevation) {
  pose.angles[0] = wrapped(azimuth);
  pose.angles[1] = std::clamp(elevation, -kMaxElevationDeg, kMaxElevationDeg);
  return pose;
}

VolumePose set(const SetPoseVerb& verb, const VolumePose& pose) {
  VolumePose next = pose;
  if (verb.center && verb.center->size() == 3 && all_finite(*verb.center)) {
    std::ranges::copy(*verb.center, next.center.begin());
  }
  if (verb.angles && verb.angles->size() >= 2 && all_finite(*verb.angles)) {
    next = turned_to(next, (*verb.angles)[0], (*verb.angles)[1]);
    if (verb.angles->size() >= 3) next.angles[2] = wrapped((*verb.angles)[2]);
  }
  if (verb.distance && std::isfinite(*verb.distance) && *verb.distance > 0.0) {
    next.distance = std::clamp(*verb.distance, kMinDistance, kMaxDistance);
  }
  if (verb.fov && (*verb.fov == 0.0 || (*verb.fov >= scene::kMinFovDeg && *verb.fov <= scene::kMaxFovDeg))) {
    next.fov = *verb.fov;
  }
  return next;
}

template <class... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};

}  // namespace

ViewPlane view_plane(const VolumePose& pose) {
  const double az = radians(pose.angles[0]);
  const double el = radians(pose.angles[1]);
  const double roll = radians(pose.angles[2]);
  const std::array<double, 3> right = {std::cos(az), std::sin(az), 0.0};
  const std::array<double, 3> up = {-std::sin(az) * std::sin(el), std::cos(az) * std::sin(el), std::cos(el)};
  ViewPlane plane{};
  for (std::size_t i = 0; i < 3; ++i) {
    plane.right[i] = std::cos(roll) * right[i] - std::sin(roll) * up[i];
    plane.up[i] = std::sin(roll) * right[i] + std::cos(roll) * up[i];
  }
  return plane;
}

PlanePose apply(const scene::CameraVerb& verb, const PlanePose& pose, const CameraFrame& frame) {
  return std::visit(
      Overloaded{[&](const ZoomVerb& zoom) { return is_usable(zoom) ? zoomed(zoom, pose, frame.canvas) : pose; },
                 [&](const PanVerb& pan) { return is_usable(pan) ? panned(pan, pose, frame.canvas) : pose; },
                 [&](const OrbitVerb&) { return pose; },
                 [&](const ResetVerb&) { return fitted_plane_pose(frame.axes, frame.order, frame.canvas); },
                 [&](const SetPoseVerb& verb_set) { return set(verb_set, pose, frame.canvas); }},
      verb);
}

VolumePose apply(const scene::CameraVerb& verb, const VolumePose& pose, const CameraFrame& frame) {
  return std::visit(
      Overloaded{[&](const ZoomVerb& zoom) {
                   VolumePose next = pose;
                   if (is_usable(zoom)) {
                     next.distance = std::clamp(pose.distance * zoom.factor, kMinDistance, kMaxDistance);
                   }
                   return next;
                 },
                 [&](const PanVerb& pan) { return is_usable(pan) ? panned(pan, pose, frame.canvas) : pose; },
                 [&](const OrbitVerb& orbit) {
                   if (!std::isfinite(orbit.d_az_deg) || !std::isfinite(orbit.d_el_deg)) return pose;
                   return turned_to(pose, pose.angles[0] + orbit.d_az_deg, pose.angles[1] + orbit.d_el_deg);
                 },
                 [&](const ResetVerb&) { return fitted_volume_pose(frame.axes, frame.order, frame.canvas); },
                 [&](const SetPoseVerb& verb_set) { return set(verb_set, pose); }},
      verb);
}

PlanePose refit(const PlanePose& pose, const CameraFrame& old_frame, const scene::Canvas& canvas) {
  if (pose == fitted_plane_pose(old_frame.axes, old_frame.order, old_frame.canvas)) {
    return fitted_plane_pose(old_frame.axes, old_frame.order, canvas);
  }
  const double height = pose.rect[3];
  return accept(around(center_of(pose.rect), height * aspect_of(canvas), height), pose, canvas);
}

VolumePose refit(const VolumePose& pose, const CameraFrame& old_frame, const scene::Canvas& canvas) {
  if (pose == fitted_volume_pose(old_frame.axes, old_frame.order, old_frame.canvas)) {
    return fitted_volume_pose(old_frame.axes, old_frame.order, canvas);
  }
  return pose;
}

}  // namespace ndcast::plan
