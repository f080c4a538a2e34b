#include "render/camera_math.h"

#include <algorithm>
#include <cmath>
#include <limits>
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
      is_orthographic_(pose.fov == 0.0),
      half_height_(is_orthographic_ ? 0.5 * scene::height_at_center(pose)
                                    : std::tan(0.5 * std::clamp(pose.fov, 0.1, 179.0) * kRadiansPerDegree)) {
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
  const Vec3 corner = up_ * half_height_ - right_ * (half_height_ * aspect);
  const Vec3 along_x = right_ * (2.0 * half_height_ / size_px_[1]);
  const Vec3 along_y = up_ * (-2.0 * half_height_ / size_px_[1]);
  if (is_orthographic_) {
    origins_ = {eye_ + corner, along_x, along_y};
    directions_.at = forward_;
  } else {
    origins_.at = eye_;
    directions_ = {forward_ + corner, along_x, along_y};
  }
}

Ray RayCamera::ray_at(Vec2 point_px) const {
  const auto at = [&](const Fan& fan) { return fan.at + fan.along_x * point_px[0] + fan.along_y * point_px[1]; };
  const Vec3 direction = at(directions_);
  return {at(origins_), direction * (1.0 / std::sqrt(dot(direction, direction))),
          is_orthographic_ ? -std::numeric_limits<double>::infinity() : 0.0};
}

std::optional<Vec2> RayCamera::pixel_from_world(Vec3 world) const {
  const Vec3 offset = world - eye_;
  const double depth = dot(offset, forward_);
  if (!is_orthographic_ && !(depth > 0)) return std::nullopt;
  const double px = 0.5 * size_px_[1] / half_height_ / (is_orthographic_ ? 1.0 : depth);
  return Vec2{0.5 * size_px_[0] + dot(offset, right_) * px, 0.5 * size_px_[1] - dot(offset, up_) * px};
}

}  // namespace ndcast::render
