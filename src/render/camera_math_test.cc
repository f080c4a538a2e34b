#include "render/camera_math.h"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

namespace ndcast::render {
namespace {

void expect_near(const Vec3& found, const Vec3& expected, double within = 1e-12) {
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(found[i], expected[i], within) << "component " << i;
}

scene::VolumePose pose_at(double azimuth, double elevation, double roll = 0) {
  return {.center = {1, 2, 3}, .angles = {azimuth, elevation, roll}, .distance = 10, .fov = 60};
}

TEST(PlaneMap, FollowsTheRectangleWithRowsGrowingWithY) {
  const PlaneMap map({.rect = {100, 50, 40, 20}}, 80, 40);
  EXPECT_EQ(map.world_from_pixel({0, 0}), (Vec2{100, 50}));
  EXPECT_EQ(map.world_from_pixel({80, 40}), (Vec2{140, 70}));
  EXPECT_EQ(map.world_from_pixel({0.5, 39.5}), (Vec2{100.25, 69.75}));
  EXPECT_EQ(map.pixel_from_world({110, 55}), (Vec2{20, 10}));
}

TEST(RayCamera, StandsInFrontAtZeroAngles) {
  const RayCamera camera(pose_at(0, 0), 640, 360);
  expect_near(camera.eye(), {1, -8, 3});
  expect_near(camera.forward(), {0, 1, 0});
  expect_near(camera.right(), {1, 0, 0});
  expect_near(camera.up(), {0, 0, 1});
}

TEST(RayCamera, AzimuthTurnsTheEyeCounterClockwiseSeenFromAbove) {
  const RayCamera camera(pose_at(90, 0), 640, 360);
  expect_near(camera.eye(), {11, 2, 3});
  expect_near(camera.right(), {0, 1, 0});
  expect_near(camera.up(), {0, 0, 1});
}

TEST(RayCamera, ElevationRaisesTheEye) {
  const RayCamera camera(pose_at(0, 90), 640, 360);
  expect_near(camera.eye(), {1, 2, 13});
  expect_near(camera.forward(), {0, 0, -1});
  expect_near(camera.right(), {1, 0, 0});
  expect_near(camera.up(), {0, 1, 0});
}

TEST(RayCamera, PositiveRollTurnsTheContentCounterClockwise) {
  const RayCamera camera(pose_at(0, 0, 90), 640, 360);
  expect_near(camera.right(), {0, 0, -1});
  expect_near(camera.up(), {1, 0, 0});
  // What stood to the right of the centre (+x) is now above it.
  const auto seen = camera.pixel_from_world({2, 2, 3});
  ASSERT_TRUE(seen);
  EXPECT_NEAR((*seen)[0], 320, 1e-9);
  EXPECT_LT((*seen)[1], 180);
}

TEST(RayCamera, FieldOfViewIsVertical) {
  const RayCamera camera(pose_at(0, 0), 640, 360);
  const double half_height = 10 * std::tan(30 * M_PI / 180);
  const auto top = camera.pixel_from_world({1, 2, 3 + half_height});
  const auto right = camera.pixel_from_world({1 + half_height, 2, 3});
  ASSERT_TRUE(top && right);
  EXPECT_NEAR((*top)[0], 320, 1e-9);
  EXPECT_NEAR((*top)[1], 0, 1e-9);
  EXPECT_NEAR((*right)[0], 320 + 180, 1e-9);
  EXPECT_NEAR((*right)[1], 180, 1e-9);
}

TEST(RayCamera, PointsBehindTheEyeAreNotSeen) {
  const RayCamera camera(pose_at(0, 0), 640, 360);
  EXPECT_FALSE(camera.pixel_from_world({1, -8, 3}));
  EXPECT_FALSE(camera.pixel_from_world({1, -9, 3}));
}

TEST(RayCamera, RaysAndProjectionAreInverse) {
  const unsigned seed = 20240611;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> unit(0, 1);
  for (int i = 0; i < 200; ++i) {
    scene::VolumePose pose{.center = {unit(random) * 100, -unit(random), unit(random)},
                           .angles = {unit(random) * 720 - 360, unit(random) * 178 - 89, unit(random) * 360},
                           .distance = 1 + unit(random) * 50,
                           .fov = 5 + unit(random) * 120};
    const RayCamera camera(pose, 321, 123);
    const Vec2 point_px{unit(random) * 321, unit(random) * 123};
    const Ray ray = camera.ray_at(point_px);
    EXPECT_NEAR(dot(ray.direction, ray.direction), 1, 1e-12);
    const auto seen = camera.pixel_from_world(ray.origin + ray.direction * (0.1 + 100 * unit(random)));
    ASSERT_TRUE(seen);
    EXPECT_NEAR((*seen)[0], point_px[0], 1e-6);
    EXPECT_NEAR((*seen)[1], point_px[1], 1e-6);
  }
}

TEST(RayCamera, OrthographicRaysAreParallelAndShowTheCentreAsLarge) {
  scene::VolumePose pose = pose_at(40, 20, 10);
  const RayCamera perspective(pose, 640, 360);
  pose.fov = 0;
  const RayCamera camera(pose, 640, 360);
  EXPECT_TRUE(camera.is_orthographic());
  const Ray middle = camera.ray_at({320, 180});
  const Ray corner = camera.ray_at({3, 7});
  expect_near(middle.direction, camera.forward());
  expect_near(corner.direction, middle.direction);
  EXPECT_TRUE(std::isinf(corner.begins)) << "nothing is behind the eye";
  const Vec3 aside = Vec3{1, 2, 3} + camera.up() * 1.5 + camera.right() * 0.5;
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_NEAR((*camera.pixel_from_world(aside))[i], (*perspective.pixel_from_world(aside))[i], 1e-9);
    EXPECT_NEAR((*camera.pixel_from_world(aside))[i], (*camera.pixel_from_world(aside + camera.forward() * 7))[i],
                1e-9);
    EXPECT_NEAR((*camera.pixel_from_world(aside))[i], (*camera.pixel_from_world(aside - camera.forward() * 99))[i],
                1e-9);
  }
}

}  // namespace
}  // namespace ndcast::render
