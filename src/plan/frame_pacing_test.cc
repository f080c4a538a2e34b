#include "plan/frame_pacing.h"

#include <optional>

#include <gtest/gtest.h>

namespace ndcast::plan {
namespace {

const scene::Canvas kCanvas{1280, 720, 1};

/// Predicts `full_ms` for a picture of full quality.
PixelCost costing(double full_ms) { return PixelCost(full_ms / (1280 * 720)); }

TEST(FramePacing, RestIsFullAtOnceOrAfterOneStep) {
  const auto next = [](double full_ms, std::optional<Quality> shown) {
    return choose_quality_at_rest(costing(full_ms), scene::Mode::Volume, kCanvas, shown, false);
  };
  EXPECT_TRUE(next(250, Quality{1, 4, 3.0}).is_full());
  EXPECT_EQ(next(600, Quality{1, 4, 3.0}), (Quality{1, 2, 2.0})) << "an eighth of 600 ms";
  EXPECT_EQ(next(600, std::nullopt), (Quality{1, 2, 2.0}));
  EXPECT_TRUE(next(600, Quality{1, 2, 2.0}).is_full());
  EXPECT_TRUE(next(300, Quality{3, 4, 2.0}).is_full()) << "the step would show hardly more";
  for (const double full_ms : {1e2, 1e3, 1e4, 1e6}) {
    std::optional<Quality> shown;
    int pictures = 0;
    while (!shown || !shown->is_full()) {
      shown = next(full_ms, shown);
      ASSERT_LE(++pictures, 2) << full_ms;
    }
  }
}

TEST(FramePacing, WhileVoxelsComeInNoPictureTakesLong) {
  const auto next = [](double full_ms, std::optional<Quality> shown) {
    return choose_quality_at_rest(costing(full_ms), scene::Mode::Volume, kCanvas, shown, true);
  };
  EXPECT_EQ(next(600, std::nullopt), (Quality{1, 2, 2.0}));
  EXPECT_EQ(next(600, Quality{1, 2, 2.0}), (Quality{1, 2, 2.0}));
  EXPECT_EQ(next(600, Quality{3, 4, 1.5}), (Quality{3, 4, 1.5})) << "and none gets worse";
  EXPECT_TRUE(next(200, std::nullopt).is_full());
}

TEST(FramePacing, CheapFramesStayFullWhileMoving) {
  EXPECT_TRUE(choose_quality(PixelCost::of(scene::Mode::Plane), scene::Mode::Plane, kCanvas).is_full());
}

TEST(FramePacing, MovingFrameFitsTheBudget) {
  const PixelCost cost = PixelCost::of(scene::Mode::Volume);  // 107 ms in full
  const Quality quality = choose_quality(cost, scene::Mode::Volume, kCanvas);
  EXPECT_FALSE(quality.is_full());
  EXPECT_LE(cost.predicted_ms(quality, kCanvas), kCpuBudgetMs);
  EXPECT_EQ(quality, (Quality{3, 4, 2.0}));
}

TEST(FramePacing, HopelessFramesTakeTheLastRung) {
  EXPECT_EQ(choose_quality(PixelCost(1.0), scene::Mode::Plane, kCanvas), (Quality{1, 3, 1.0}));
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
  EXPECT_TRUE(choose_quality(cost, scene::Mode::Volume, kCanvas, moving_budget_ms(5)).is_full());
}

TEST(FramePacing, QualityThatIsKeptIsNotGivenUp) {
  const PixelCost cost(1.0);  // hopeless
  const auto at = [&](double keep) { return choose_quality(cost, scene::Mode::Volume, kCanvas, kCpuBudgetMs, keep); };
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
