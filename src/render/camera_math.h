#pragma once
// Where pixels lie in the world. Pure geometry in double precision, shared by all renderers and by whoever must turn a
// cursor into a place. Pixel positions are continuous: (0, 0) is the picture's top left corner, the centre of pixel
// (column c, row r) is (c + 0.5, r + 0.5).
//
//   const PlaneMap map(pose, 1280, 720);
//   const Vec2 at = map.world_from_pixel({c + 0.5, r + 0.5});
//
//   const RayCamera camera(pose, 1280, 720);
//   const Ray ray = camera.ray_at({c + 0.5, r + 0.5});   // ray.origin + s · ray.direction, s in world units

#include <array>
#include <optional>

#include "scene/types.h"

namespace ndcast::render {

using Vec2 = std::array<double, 2>;
using Vec3 = std::array<double, 3>;

/// The affine map of scene::PlanePose: x = left + px·width/W, y = bottom + py·height/H.
class PlaneMap {
 public:
  /// `width` and `height` of the picture in pixels, positive.
  PlaneMap(const scene::PlanePose& pose, int width, int height);

  Vec2 world_from_pixel(Vec2 point_px) const;
  Vec2 pixel_from_world(Vec2 world) const;
  /// World units a pixel along x and y.
  Vec2 scale() const { return scale_; }

 private:
  Vec2 origin_;
  Vec2 scale_;
};

struct Ray {
  Vec3 origin;
  Vec3 direction;     ///< of length 1
  double begins = 0;  ///< where on it the visible begins: behind the origin for an orthographic camera
};

/// The turntable camera of scene::VolumePose. With e = (sin az·cos el, −cos az·cos el, sin el):
///   eye = center + distance·e, forward = −e, right = (cos az, sin az, 0), up = right × forward.
/// Roll turns the camera about `forward` by the right-hand rule, so that with a positive roll its right side dips and
/// the content turns counter-clockwise: right' = right·cos ρ − up·sin ρ, up' = up·cos ρ + right·sin ρ.
/// A pixel's ray runs along forward + tan(fov/2)·( (2·px − W)/H·right' + (H − 2·py)/H·up' ): fov is vertical and pixels
/// are square. fov is held between 0.1 and 179 degrees.
/// With fov 0 all rays run along forward: orthographic. Then that of a pixel comes from eye + h/2·( (2·px − W)/H·right'
/// + (H − 2·py)/H·up' ), h = scene::height_at_center(), and nothing is behind the eye: the volume is not cut open by
/// coming nearer.
class RayCamera {
 public:
  RayCamera(const scene::VolumePose& pose, int width, int height);

  Ray ray_at(Vec2 point_px) const;
  bool is_orthographic() const { return is_orthographic_; }
  /// The inverse: where a point is seen; nothing when it is not in front of the eye of a perspective camera.
  std::optional<Vec2> pixel_from_world(Vec3 world) const;

  const Vec3& eye() const { return eye_; }
  const Vec3& forward() const { return forward_; }
  const Vec3& right() const { return right_; }
  const Vec3& up() const { return up_; }
  /// value = at + px·along_x + py·along_y.
  struct Fan {
    Vec3 at{};
    Vec3 along_x{};
    Vec3 along_y{};
  };
  /// Ray origins.
  const Fan& origins() const { return origins_; }
  /// Un-normalised ray directions; their component along forward() is 1.
  const Fan& directions() const { return directions_; }

 private:
  Vec2 size_px_;
  bool is_orthographic_;
  double half_height_;  ///< of the picture: at depth 1 for perspective, anywhere for orthographic
  Vec3 eye_;
  Vec3 forward_;
  Vec3 right_;
  Vec3 up_;
  Fan origins_;
  Fan directions_;
};

constexpr double dot(const Vec3& a, const Vec3& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }
constexpr Vec3 cross(const Vec3& a, const Vec3& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}
constexpr Vec3 operator+(const Vec3& a, const Vec3& b) { return {a[0] + b[0], a[1] + b[1], a[2] + b[2]}; }
constexpr Vec3 operator-(const Vec3& a, const Vec3& b) { return {a[0] - b[0], a[1] - b[1], a[2] - b[2]}; }
constexpr Vec3 operator*(const Vec3& a, double factor) { return {a[0] * factor, a[1] * factor, a[2] * factor}; }

}  // namespace ndcast::render
