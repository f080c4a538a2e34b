#include "render/engine/camera_queue.h"

#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "plan/camera.h"
#include "plan/canonical_pose.h"

namespace ndcast::render {
namespace {

using scene::CameraIntent;
using scene::Mode;
using scene::OrbitVerb;
using scene::PanVerb;
using scene::ResetVerb;
using scene::SetPoseVerb;
using scene::ZoomVerb;

const scene::AxesSpec kAxes{{{"z", scene::AxisRole::Space, "", 50, 0.0, 1.0},
                             {"y", scene::AxisRole::Space, "", 80, 0.0, 1.0},
                             {"x", scene::AxisRole::Space, "", 100, 0.0, 1.0}}};
const std::vector<int> kOrder{0, 1, 2};
const scene::Canvas kCanvas{400, 200, 1};

CameraIntent intent(scene::CameraVerb verb, std::uint64_t seq = 1, Mode mode = Mode::Plane, std::uint32_t epoch = 0) {
  return {.verb = std::move(verb), .mode = mode, .view_epoch = epoch, .canvas = kCanvas, .camera_seq = seq};
}

TEST(CameraQueue, WP11KeepsOrderWhileThereIsRoom) {
  CameraQueue queue;
  for (std::uint64_t i = 1; i <= limits::kCameraQueue; ++i) queue.push(intent(PanVerb{1, 0}, i), MonotonicTime(1ns));
  const auto all = queue.take_all();
  ASSERT_EQ(all.size(), limits::kCameraQueue);
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i].intent.camera_seq, i + 1);
  EXPECT_EQ(queue.folds(), 0U);
  EXPECT_TRUE(queue.empty());
}

TEST(CameraQueue, WP11PansAddZoomsMultiplyOrbitsAdd) {
  const auto pan = folded(intent(PanVerb{1, 2}, 1), intent(PanVerb{10, 20}, 2));
  ASSERT_TRUE(pan);
  EXPECT_EQ(std::get<PanVerb>(pan->verb).dx_px, 11);
  EXPECT_EQ(std::get<PanVerb>(pan->verb).dy_px, 22);
  EXPECT_EQ(pan->camera_seq, 2U);
  const auto zoom = folded(intent(ZoomVerb{2, {5, 5}}), intent(ZoomVerb{3, {5, 5}}));
  ASSERT_TRUE(zoom);
  EXPECT_EQ(std::get<ZoomVerb>(zoom->verb).factor, 6);
  EXPECT_FALSE(folded(intent(ZoomVerb{2, {5, 5}}), intent(ZoomVerb{3, {6, 5}}))) << "another anchor";
  const auto orbit = folded(intent(OrbitVerb{1, 2}, 1, Mode::Volume), intent(OrbitVerb{3, 4}, 2, Mode::Volume));
  ASSERT_TRUE(orbit);
  EXPECT_EQ(std::get<OrbitVerb>(orbit->verb).d_az_deg, 4);
}

TEST(CameraQueue, WP11FoldsOnlyOneModeAndEpoch) {
  EXPECT_FALSE(folded(intent(PanVerb{1, 0}), intent(PanVerb{1, 0}, 2, Mode::Volume)));
  EXPECT_FALSE(folded(intent(PanVerb{1, 0}), intent(PanVerb{1, 0}, 2, Mode::Plane, 1)));
  EXPECT_FALSE(folded(intent(PanVerb{1, 0}), intent(ZoomVerb{1.5, {0, 0}})));
  EXPECT_FALSE(folded(intent(ResetVerb{}), intent(PanVerb{1, 0})));
  EXPECT_TRUE(folded(intent(PanVerb{1, 0}), intent(ResetVerb{}))) << "a reset swallows what comes before";
}

/// Random gestures through a queue that is far too small give the pose that all of them one by one give.
TEST(CameraQueue, WP11FullQueueLosesNothing) {
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE(fmt::format("seed {}", seed));
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> amount(-20, 20);
  const plan::CameraFrame frame{kAxes, kOrder, kCanvas};
  CameraQueue queue(12);
  scene::PlanePose direct = plan::fitted_plane_pose(kAxes, kOrder, kCanvas);
  scene::VolumePose direct3d = plan::fitted_volume_pose(kAxes, kOrder, kCanvas);
  scene::PlanePose folded_pose = direct;
  scene::VolumePose folded3d = direct3d;
  const auto push = [&](CameraIntent next) {
    if (next.mode == Mode::Plane) {
      direct = plan::apply(next.verb, direct, frame);
    } else {
      direct3d = plan::apply(next.verb, direct3d, frame);
    }
    queue.push(std::move(next), MonotonicTime(1ns));
  };
  // Runs of one gesture, as fingers make them: folding neighbours is exact.
  std::uint64_t seq = 0;
  for (int run = 0; run < 9; ++run) {
    const double anchor = amount(random);
    for (int i = 0; i < 100; ++i) {
      ++seq;
      switch (run % 3) {
        case 0:
          push(intent(PanVerb{amount(random), amount(random)}, seq));
          break;
        case 1:
          push(intent(ZoomVerb{1 + amount(random) / 100, {anchor, 7}}, seq));
          break;
        default:
          push(intent(OrbitVerb{amount(random), amount(random) / 1000}, seq, Mode::Volume));
      }
    }
  }
  EXPECT_LE(queue.size(), 12U);
  EXPECT_GT(queue.folds(), 0U);
  std::uint64_t newest = 0;
  for (const QueuedIntent& item : queue.take_all()) {
    newest = std::max(newest, item.intent.camera_seq);
    if (item.intent.mode == Mode::Plane) {
      folded_pose = plan::apply(item.intent.verb, folded_pose, frame);
    } else {
      folded3d = plan::apply(item.intent.verb, folded3d, frame);
    }
  }
  EXPECT_EQ(newest, seq);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(folded_pose.rect[i], direct.rect[i], 1e-6 * direct.rect[2]);
  EXPECT_NEAR(std::remainder(folded3d.angles[0] - direct3d.angles[0], 360), 0, 1e-6);
}

TEST(CameraQueue, WP11NeverGrowsPastItsCapacityAndSumsStay) {
  CameraQueue queue(12);
  double panned = 0;
  for (std::uint64_t i = 1; i <= 1000; ++i) {
    if (i % 2 == 0) {
      queue.push(intent(ZoomVerb{1.001, {static_cast<double>(i), 0}}, i), MonotonicTime(1ns));
    } else {
      queue.push(intent(PanVerb{1, 0}, i), MonotonicTime(1ns));
      panned += 1;
    }
    ASSERT_LE(queue.size(), 12U);
  }
  double sum = 0;
  double factor = 1;
  for (const QueuedIntent& item : queue.take_all()) {
    if (const auto* pan = std::get_if<PanVerb>(&item.intent.verb)) sum += pan->dx_px;
    if (const auto* zoom = std::get_if<ZoomVerb>(&item.intent.verb)) factor *= zoom->factor;
  }
  EXPECT_DOUBLE_EQ(sum, panned);
  EXPECT_NEAR(factor, std::pow(1.001, 500), 1e-9);
}

TEST(CameraQueue, FoldedTimeIsTheOldest) {
  CameraQueue queue(1);
  queue.push(intent(PanVerb{1, 0}, 1), MonotonicTime(5ns));
  queue.push(intent(PanVerb{1, 0}, 2), MonotonicTime(9ns));
  const auto all = queue.take_all();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].time, MonotonicTime(5ns));
}

TEST(CameraQueue, SetsMergeMemberByMember) {
  const auto merged =
      folded(intent(SetPoseVerb{.center = std::vector<double>{1, 2}}), intent(SetPoseVerb{.zoom = 3.0}));
  ASSERT_TRUE(merged);
  EXPECT_TRUE(std::get<SetPoseVerb>(merged->verb).center);
  EXPECT_EQ(std::get<SetPoseVerb>(merged->verb).zoom, 3.0);
}

}  // namespace
}  // namespace ndcast::render
