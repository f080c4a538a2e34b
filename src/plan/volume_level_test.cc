#include "plan/volume_level.h"

#include <array>

#include <gtest/gtest.h>

namespace ndcast::plan {
namespace {

// fov 90: the canvas is 2·distance high, so 1 world unit is 360 / distance pixels of 720.
scene::VolumePose at(double distance) { return {.center = {}, .angles = {}, .distance = distance, .fov = 90}; }
const scene::Canvas kCanvas{1280, 720, 1};
constexpr std::array<VolumeCandidate, 3> kLevels{{{1, 1 << 24, 1 << 25}, {2, 1 << 21, 1 << 22}, {4, 1 << 18, 1 << 19}}};
constexpr VolumeBudget kPlenty{1 << 30, 1 << 30};

TEST(VolumeLevel, Projects) { EXPECT_NEAR(projected_px(2.0, at(360), kCanvas), 2.0, 1e-9); }

TEST(VolumeLevel, FinestThatIsWorthAPixel) {
  EXPECT_EQ(choose_volume_level(kLevels, at(360), kCanvas, -1, kPlenty).level, 0);
  EXPECT_EQ(choose_volume_level(kLevels, at(510), kCanvas, -1, kPlenty).level, 0);  // 0.706 px
  EXPECT_EQ(choose_volume_level(kLevels, at(520), kCanvas, -1, kPlenty).level, 1);  // 0.692 px
  EXPECT_EQ(choose_volume_level(kLevels, at(1e6), kCanvas, -1, kPlenty).level, 2);
}

TEST(VolumeLevel, KeepsWhatIsShownALittleLonger) {
  EXPECT_EQ(choose_volume_level(kLevels, at(520), kCanvas, 0, kPlenty).level, 0);
  EXPECT_EQ(choose_volume_level(kLevels, at(610), kCanvas, 0, kPlenty).level, 1);  // 0.59 px
}

TEST(VolumeLevel, BudgetFallsToCoarserAndSaysSo) {
  const VolumeChoice choice = choose_volume_level(kLevels, at(100), kCanvas, -1, {1 << 22, 1 << 30});
  EXPECT_EQ(choice.level, 1);
  EXPECT_TRUE(choice.downgraded);
  EXPECT_EQ(choose_volume_level(kLevels, at(100), kCanvas, -1, {1, 1}).level, 2);
  EXPECT_FALSE(fitting_volume_level(kLevels, 1, kPlenty).downgraded);
  EXPECT_EQ(fitting_volume_level(kLevels, 0, {1 << 30, 1 << 22}).level, 1);
}

}  // namespace
}  // namespace ndcast::plan
