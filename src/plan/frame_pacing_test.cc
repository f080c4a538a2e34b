#include "plan/frame_pacing.h"

#include <gtest/gtest.h>

namespace ndcast::plan {
namespace {

const scene::Canvas kCanvas{1280, 720, 1};

TEST(FramePacing, FullAtRestWhateverItCosts) {
  EXPECT_TRUE(choose_quality(PixelCost(1.0), scene::Mode::Volume, kCanvas, false).is_full());
}

TEST(FramePacing, CheapFramesStayFullWhileMoving) {
  EXPECT_TRUE(choose_quality(PixelCost::of(scene::Mode::Plane), scene::Mode::Plane, kCanvas, true).is_full());
}

TEST(FramePacing, MovingFrameFitsTheBudget) {
  const PixelCost cost = PixelCost::of(scene::Mode::Volume);  // 107 ms in full
  const Quality quality = choose_quality(cost, scene::Mode::Volume, kCanvas, true);
  EXPECT_FALSE(quality.is_full());
  EXPECT_LE(cost.predicted_ms(quality, kCanvas), kCpuBudgetMs);
  EXPECT_EQ(quality, (Quality{3, 4, 2.0}));
}

TEST(FramePacing, HopelessFramesTakeTheLastRung) {
  EXPECT_EQ(choose_quality(PixelCost(1.0), scene::Mode::Plane, kCanvas, true), (Quality{1, 3, 1.0}));
}

TEST(FramePacing, CostFollowsWhatIsMeasuredAndForgivesOneOutlier) {
  PixelCost cost(20.0 / (1280 * 720));
  const Quality full;
  cost.note(full, kCanvas, 200.0);
  EXPECT_NEAR(cost.predicted_ms(full, kCanvas), 20.0, 1e-9);
  cost.note({1, 2, 2.0}, kCanvas, 10.0);  // an eighth of the work
  EXPECT_NEAR(cost.predicted_ms(full, kCanvas), 80.0, 1e-9);
  EXPECT_NEAR(cost.predicted_ms({1, 2, 2.0}, kCanvas), 10.0, 1e-9);
}

TEST(FramePacing, MoreWorkIsExpectedToTakeLonger) {
  PixelCost cost(20.0 / (1280 * 720));
  const Quality full;
  cost.set_work(3);
  EXPECT_NEAR(cost.predicted_ms(full, kCanvas), 60.0, 1e-9);
  for (int i = 0; i < 2; ++i) cost.note(full, kCanvas, 30.0);
  cost.set_work(1);
  EXPECT_NEAR(cost.predicted_ms(full, kCanvas), 10.0, 1e-9);
}

TEST(FramePacing, ALowerTargetLeavesMoreForQuality) {
  EXPECT_DOUBLE_EQ(moving_budget_ms(60), kCpuBudgetMs);
  EXPECT_DOUBLE_EQ(moving_budget_ms(5), 200);
  const PixelCost cost = PixelCost::of(scene::Mode::Volume);
  EXPECT_TRUE(choose_quality(cost, scene::Mode::Volume, kCanvas, true, moving_budget_ms(5)).is_full());
}

TEST(FramePacing, QualityThatIsKeptIsNotGivenUp) {
  const PixelCost cost(1.0);  // hopeless
  const auto at = [&](double keep) {
    return choose_quality(cost, scene::Mode::Volume, kCanvas, true, kCpuBudgetMs, keep);
  };
  EXPECT_EQ(at(0), (Quality{1, 4, 3.0}));
  EXPECT_EQ(at(0.5), (Quality{1, 2, 2.0}));
  EXPECT_TRUE(at(1).is_full());
}

TEST(FramePacing, PictureSidesAreEven) {
  const PictureSize size = picture_size({1, 3, 2.0}, {1278, 722, 1});
  EXPECT_EQ(size.width, 426);
  EXPECT_EQ(size.height, 240);
  EXPECT_EQ(picture_size({1, 1, 1.0}, {1279, 721, 1}).width, 1279);
}

}  // namespace
}  // namespace ndcast::plan
