#include "plan/canonical_pose.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace ndcast::plan {
namespace {

constexpr double kFittedAngleDeg = 30.0;
constexpr double kFittedFovDeg = scene::kOrthographicFovDeg;

double aspect_of(const scene::Canvas& canvas) {
  return static_cast<double>(std::max(canvas.width, 1)) / std::max(canvas.height, 1);
}

}  // namespace

Extent extent_of(const scene::Axis& axis) {
  const double start = std::isfinite(axis.start) ? axis.start : 0.0;
  if (axis.size < 1 || axis.step == 0.0 || !std::isfinite(axis.step)) return {start - 0.5, start + 0.5};
  const double last = start + axis.step * static_cast<double>(axis.size - 1);
  const double half = 0.5 * std::abs(axis.step);
  return {std::min(start, last) - half, std::max(start, last) + half};
}

template <std::size_t N>
std::array<Extent, N> displayed_extents(const scene::AxesSpec& axes, std::span<const int> order) {
  std::array<Extent, N> extents;
  for (std::size_t i = 0; i < N; ++i) {
    extents[i] = {-0.5, 0.5};
    if (i >= order.size()) continue;
    const int axis = order[order.size() - 1 - i];
    if (axis < 0 || static_cast<std::size_t>(axis) >= axes.axes.size()) continue;
    extents[i] = extent_of(axes.axes[static_cast<std::size_t>(axis)]);
  }
  return extents;
}
template std::array<Extent, 2> displayed_extents<2>(const scene::AxesSpec&, std::span<const int>);
template std::array<Extent, 3> displayed_extents<3>(const scene::AxesSpec&, std::span<const int>);

scene::PlanePose plane_pose_of_rect(const std::array<double, 4>& rect, const scene::Canvas& canvas) {
  scene::PlanePose pose;
  pose.rect = rect;
  pose.center = {rect[0] + 0.5 * rect[2], rect[1] + 0.5 * rect[3]};
  pose.zoom = canvas.width / rect[2];
  return pose;
}

scene::PlanePose fitted_plane_pose(const scene::AxesSpec& axes, std::span<const int> order,
                                   const scene::Canvas& canvas) {
  const auto [x, y] = displayed_extents<2>(axes, order);
  const double aspect = aspect_of(canvas);
  const double width = std::max(x.size(), y.size() * aspect);
  const double height = std::max(y.size(), x.size() / aspect);
  return plane_pose_of_rect({x.middle() - 0.5 * width, y.middle() - 0.5 * height, width, height}, canvas);
}

scene::VolumePose fitted_volume_pose(const scene::AxesSpec& axes, std::span<const int> order,
                                     const scene::Canvas& canvas) {
  const auto [x, y, z] = displayed_extents<3>(axes, order);
  const double radius = 0.5 * std::hypot(x.size(), y.size(), z.size());
  const double half_vertical = 0.5 * kFittedFovDeg * std::numbers::pi / 180.0;
  const double half_horizontal = std::atan(std::tan(half_vertical) * aspect_of(canvas));
  scene::VolumePose pose;
  pose.center = {x.middle(), y.middle(), z.middle()};
  pose.angles = {kFittedAngleDeg, kFittedAngleDeg, 0.0};
  pose.fov = kFittedFovDeg;
  pose.distance = radius / std::sin(std::min(half_vertical, half_horizontal));
  return pose;
}

}  // namespace ndcast::plan
