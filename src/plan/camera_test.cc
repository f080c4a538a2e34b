#include "plan/camera.h"

#include <cmath>
#include <limits>
#include <numbers>

#include <gtest/gtest.h>

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

const scene::AxesSpec kAxes{{{"z", scene::AxisRole::Space, "", 50, 0.0, 1.0},
                             {"y", scene::AxisRole::Space, "", 80, 0.0, 1.0},
                             {"x", scene::AxisRole::Space, "", 100, 0.0, 1.0}}};
const std::vector<int> kOrder{0, 1, 2};
const scene::Canvas kCanvas{400, 200, 1};
const CameraFrame kFrame{kAxes, kOrder, kCanvas};

PlanePose plane() { return plane_pose_of_rect({10, 20, 40, 20}, kCanvas); }

void expect_rect(const PlanePose& pose, double left, double bottom, double width, double height) {
  EXPECT_DOUBLE_EQ(pose.rect[0], left);
  EXPECT_DOUBLE_EQ(pose.rect[1], bottom);
  EXPECT_DOUBLE_EQ(pose.rect[2], width);
  EXPECT_DOUBLE_EQ(pose.rect[3], height);
  EXPECT_DOUBLE_EQ(pose.center[0], left + width / 2);
  EXPECT_DOUBLE_EQ(pose.zoom, kCanvas.width / width);
}

TEST(PlaneCamera, ZoomKeepsTheWorldPointUnderTheAnchor) {
  // Bottom left of the picture is world (10, 40): rows run down with world y.
  expect_rect(apply(ZoomVerb{0.5, {0, 0}}, plane(), kFrame), 10, 30, 20, 10);
  expect_rect(apply(ZoomVerb{2.0, {400, 200}}, plane(), kFrame), -30, 20, 80, 40);
}

TEST(PlaneCamera, PanMakesTheContentFollowTheFinger) {
  expect_rect(apply(PanVerb{100, 0}, plane(), kFrame), 0, 20, 40, 20);
  // Finger up: the content goes up, so the rectangle goes to larger y (further down the picture).
  expect_rect(apply(PanVerb{0, 50}, plane(), kFrame), 10, 25, 40, 20);
}

TEST(PlaneCamera, SetTakesRectZoomAndCenter) {
  expect_rect(apply(SetPoseVerb{.rect = std::array<double, 4>{0, 0, 10, 10}}, plane(), kFrame), -5, 0, 20, 10);
  expect_rect(apply(SetPoseVerb{.zoom = 20.0}, plane(), kFrame), 20, 25, 20, 10);
  expect_rect(apply(SetPoseVerb{.center = std::vector<double>{0, 0}}, plane(), kFrame), -20, -10, 40, 20);
}

TEST(PlaneCamera, NonsenseLeavesThePoseAlone) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(apply(ZoomVerb{0.0, {0, 0}}, plane(), kFrame), plane());
  EXPECT_EQ(apply(ZoomVerb{nan, {0, 0}}, plane(), kFrame), plane());
  EXPECT_EQ(apply(PanVerb{nan, 0}, plane(), kFrame), plane());
  EXPECT_EQ(apply(OrbitVerb{10, 10}, plane(), kFrame), plane());
  EXPECT_EQ(apply(ZoomVerb{1e300, {0, 0}}, plane(), kFrame), plane());
  EXPECT_EQ(apply(SetPoseVerb{.rect = std::array<double, 4>{0, 0, -1, 1}}, plane(), kFrame), plane());
}

TEST(PlaneCamera, ResetFits) {
  EXPECT_EQ(apply(ResetVerb{}, plane(), kFrame), fitted_plane_pose(kAxes, kOrder, kCanvas));
}

TEST(PlaneCamera, ResizingThereAndBackReturns) {
  const PlanePose tall = refit(plane(), kFrame, {200, 400, 1});
  EXPECT_DOUBLE_EQ(tall.rect[3], 20);
  EXPECT_DOUBLE_EQ(tall.rect[2], 10);
  EXPECT_DOUBLE_EQ(tall.center[0], plane().center[0]);
  expect_rect(refit(tall, {kAxes, kOrder, {200, 400, 1}}, kCanvas), 10, 20, 40, 20);
  const PlanePose fitted = fitted_plane_pose(kAxes, kOrder, kCanvas);
  EXPECT_EQ(refit(fitted, kFrame, {200, 400, 1}), fitted_plane_pose(kAxes, kOrder, {200, 400, 1}));
}

VolumePose volume() { return {.center = {1, 2, 3}, .angles = {0, 0, 0}, .distance = 10, .fov = 90}; }

TEST(VolumeCamera, ZoomScalesTheDistance) {
  EXPECT_DOUBLE_EQ(apply(ZoomVerb{2, {0, 0}}, volume(), kFrame).distance, 20);
  EXPECT_DOUBLE_EQ(apply(ZoomVerb{1e-30, {0, 0}}, volume(), kFrame).distance, kMinDistance);
}

TEST(VolumeCamera, PanMovesTheCentreInTheViewPlane) {
  // fov 90 at distance 10: the canvas is 20 units high, 0.1 a pixel. At azimuth 0 right is +x and up is +z.
  const VolumePose moved = apply(PanVerb{10, 20}, volume(), kFrame);
  EXPECT_NEAR(moved.center[0], 0, 1e-12);
  EXPECT_NEAR(moved.center[1], 2, 1e-12);
  EXPECT_NEAR(moved.center[2], 1, 1e-12);
  EXPECT_EQ(moved.distance, 10);
  VolumePose side = volume();
  side.angles = {90, 0, 0};  // the eye is at +x, looks along −x: right is +y
  EXPECT_NEAR(apply(PanVerb{10, 0}, side, kFrame).center[1], 1, 1e-12);
}

TEST(VolumeCamera, OrbitWrapsAndClamps) {
  const VolumePose turned = apply(OrbitVerb{190, 100}, volume(), kFrame);
  EXPECT_DOUBLE_EQ(turned.angles[0], -170);
  EXPECT_DOUBLE_EQ(turned.angles[1], kMaxElevationDeg);
  EXPECT_DOUBLE_EQ(apply(OrbitVerb{-180, 0}, volume(), kFrame).angles[0], 180);
}

TEST(VolumeCamera, SetKeepsTheRollWhenTwoAnglesAreGiven) {
  VolumePose rolled = volume();
  rolled.angles[2] = 15;
  const VolumePose next =
      apply(SetPoseVerb{.angles = std::vector<double>{45, 20}, .distance = 5, .fov = 40}, rolled, kFrame);
  EXPECT_EQ(next.angles, (std::array<double, 3>{45, 20, 15}));
  EXPECT_EQ(next.distance, 5);
  EXPECT_EQ(next.fov, 40);
  EXPECT_EQ(apply(SetPoseVerb{.distance = -1.0}, rolled, kFrame), rolled);
}

TEST(VolumeCamera, ViewPlaneIsOrthonormal) {
  const ViewPlane plane = view_plane({.angles = {33, -21, 70}});
  double dot = 0, right = 0, up = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    dot += plane.right[i] * plane.up[i];
    right += plane.right[i] * plane.right[i];
    up += plane.up[i] * plane.up[i];
  }
  EXPECT_NEAR(dot, 0, 1e-12);
  EXPECT_NEAR(right, 1, 1e-12);
  EXPECT_NEAR(up, 1, 1e-12);
}

}  // namespace
}  // namespace ndcast::plan
