#include "plan/canonical_pose.h"

#include <cmath>
#include <numbers>
#include <random>

#include <gtest/gtest.h>

#include "plan/camera.h"

namespace ndcast::plan {
namespace {

const scene::AxesSpec kAxes{{{"z", scene::AxisRole::Space, "", 5, 10.0, 2.0},
                             {"y", scene::AxisRole::Space, "", 80, 0.0, 0.5},
                             {"x", scene::AxisRole::Space, "", 100, -3.0, 1.0}}};
const std::vector<int> kOrder{0, 1, 2};

TEST(Extent, CountsOuterVoxelEdgesWhateverTheSignOfTheStep) {
  const Extent up = extent_of({"x", scene::AxisRole::Space, "", 4, 10.0, 2.0});
  EXPECT_DOUBLE_EQ(up.low, 9.0);
  EXPECT_DOUBLE_EQ(up.high, 17.0);
  const Extent down = extent_of({"x", scene::AxisRole::Space, "", 4, 10.0, -2.0});
  EXPECT_DOUBLE_EQ(down.low, 3.0);
  EXPECT_DOUBLE_EQ(down.high, 11.0);
}

TEST(Extent, DegenerateAxisIsOneUnit) {
  EXPECT_DOUBLE_EQ(extent_of({"x", scene::AxisRole::Space, "", 4, 1.0, 0.0}).size(), 1.0);
  EXPECT_DOUBLE_EQ(extent_of({"x", scene::AxisRole::Space, "", 0, 1.0, 3.0}).size(), 1.0);
}

TEST(FittedPlane, CentresTheDataAndHasTheCanvasAspect) {
  const scene::PlanePose pose = fitted_plane_pose(kAxes, kOrder, {800, 200, 1});
  // y covers [-0.25, 39.75], x [-3.5, 96.5]: a wide canvas is filled in height.
  EXPECT_DOUBLE_EQ(pose.rect[1], -0.25);
  EXPECT_DOUBLE_EQ(pose.rect[3], 40.0);
  EXPECT_DOUBLE_EQ(pose.rect[2], 160.0);
  EXPECT_DOUBLE_EQ(pose.center[0], 46.5);
  EXPECT_DOUBLE_EQ(pose.zoom, 5.0);
}

TEST(FittedPlane, FollowsTheDisplayedAxes) {
  const std::vector<int> order{2, 1, 0};
  const scene::PlanePose pose = fitted_plane_pose(kAxes, order, {100, 100, 1});
  EXPECT_DOUBLE_EQ(pose.rect[3], 40.0);
  EXPECT_DOUBLE_EQ(pose.center[0], 14.0);  // z: [9, 19]
}

/// Canvas position of a world point, in units of half the height: |up| ≤ 1 and |right| ≤ aspect are inside.
std::array<double, 2> project(const scene::VolumePose& pose, const std::array<double, 3>& point) {
  const ViewPlane plane = view_plane(pose);
  const std::array<double, 3> f = {plane.up[1] * plane.right[2] - plane.up[2] * plane.right[1],
                                   plane.up[2] * plane.right[0] - plane.up[0] * plane.right[2],
                                   plane.up[0] * plane.right[1] - plane.up[1] * plane.right[0]};
  std::array<double, 3> at{};
  for (std::size_t i = 0; i < 3; ++i) {
    const double d = point[i] - pose.center[i];
    at[0] += d * plane.right[i];
    at[1] += d * plane.up[i];
    at[2] += d * f[i];
  }
  const double scale = 1.0 / ((pose.distance + at[2]) * std::tan(pose.fov * std::numbers::pi / 360.0));
  return {at[0] * scale, at[1] * scale};
}

TEST(FittedVolume, FitsAtAnyAngleOnAnyCanvas) {
  const std::array<Extent, 3> extents = displayed_extents<3>(kAxes, kOrder);
  std::mt19937 random(7);
  std::uniform_real_distribution<double> angle(-180, 180);
  for (const scene::Canvas& canvas : {scene::Canvas{1280, 720, 1}, scene::Canvas{300, 900, 1}}) {
    const double aspect = static_cast<double>(canvas.width) / canvas.height;
    scene::VolumePose pose = fitted_volume_pose(kAxes, kOrder, canvas);
    EXPECT_EQ(pose.angles, (std::array<double, 3>{30, 30, 0}));
    EXPECT_EQ(pose.fov, 60.0);
    double largest = 0;
    for (int turn = 0; turn < 2000; ++turn) {
      pose.angles = {angle(random), angle(random) / 2, angle(random)};
      for (int corner = 0; corner < 8; ++corner) {
        std::array<double, 3> point{};
        for (std::size_t i = 0; i < 3; ++i) point[i] = (corner >> i) & 1 ? extents[i].high : extents[i].low;
        const auto [right, up] = project(pose, point);
        largest = std::max({largest, std::abs(right) / aspect, std::abs(up)});
      }
    }
    EXPECT_LE(largest, 1.0 + 1e-9);
    EXPECT_GE(largest, 0.9) << "the volume is shown smaller than it could be";
  }
}

}  // namespace
}  // namespace ndcast::plan
