#include "render/camera_math.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace ndcast::render {
namespace {

constexpr double kRadiansPerDegree = std::numbers::pi / 180.0;

}  // namespace

PlaneMap::PlaneMap(const scene::PlanePose& pose, int width, int height)
    : origin_{pose.rect[0], pose.rect[1]}, scale_{pose.rect[2] / width, pose.rect[3] / height} {}

Vec2 PlaneMap::world_from_pixel(Vec2 point_px) const {
  return {origin_[0] + point_px[0] * scale_[0], origin_[1] + point_px[1] * scale_[1]};
}

Vec2 PlaneMap::pixel_from_world(Vec2 world) const {
  return {(world[0] - origin_[0]) / scale_[0], (world[1] - origin_[1]) / scale_[1]};
}

RayCamera::RayCamera(const scene::VolumePose& pose, int width, int height)
    : size_px_{static_cast<double>(width), static_cast<double>(height)},
      tan_half_(std::tan(0.5 * std::clamp(pose.fov, 0.1, 179.0) * kRadiansPerDegree)) {
  const double azimuth = pose.angles[0] * kRadiansPerDegree;
  const double elevation = pose.angles[1] * kRadiansPerDegree;
  const double roll = pose.angles[2] * kRadiansPerDegree;
  const Vec3 towards_eye{std::sin(azimuth) * std::cos(elevation), -std::cos(azimuth) * std::cos(elevation),
                         std::sin(elevation)};
  eye_ = pose.center + towards_eye * pose.distance;
  forward_ = towards_eye * -1.0;
  const Vec3 level_right{std::cos(azimuth), std::sin(azimuth), 0.0};
  const Vec3 level_up = cross(level_right, forward_);
  right_ = level_right * std::cos(roll) - level_up * std::sin(roll);
  up_ = level_up * std::cos(roll) + level_right * std::sin(roll);

  const double aspect = size_px_[0] / size_px_[1];
  corner_ = forward_ - right_ * (tan_half_ * aspect) + up_ * tan_half_;
  along_x_ = right_ * (2.0 * tan_half_ / size_px_[1]);
  along_y_ = up_ * (-2.0 * tan_half_ / size_px_[1]);
}

Ray RayCamera::ray_at(Vec2 point_px) const {
  const Vec3 direction = corner_ + along_x_ * point_px[0] + along_y_ * point_px[1];
  return {eye_, direction * (1.0 / std::sqrt(dot(direction, direction)))};
}

std::optional<Vec2> RayCamera::pixel_from_world(Vec3 world) const {
  const Vec3 offset = world - eye_;
  const double depth = dot(offset, forward_);
  if (!(depth > 0)) return std::nullopt;
  const double px_per_tangent = 0.5 * size_px_[1] / tan_half_;
  return Vec2{0.5 * size_px_[0] + dot(offset, right_) / depth * px_per_tangent,
              0.5 * size_px_[1] - dot(offset, up_) / depth * px_per_tangent};
}

}  // namespace ndcast::render
