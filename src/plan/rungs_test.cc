#include "plan/rungs.h"

#include <gtest/gtest.h>

namespace ndcast::plan {
namespace {

constexpr VideoRate kMost{.bitrate_bps = 8'000'000, .fps = 30};
constexpr scene::Canvas k720p{.width = 1280, .height = 720};

Watcher full(std::int64_t bps) { return {.rate_bps = bps}; }
Watcher half(std::int64_t bps) { return {.rate_bps = bps, .has_half = true}; }
Watcher original(std::int64_t bps) { return {.rate_bps = bps, .takes_half = false}; }

Rungs of(std::vector<Watcher> watchers) { return plan_rungs(watchers, kMost, k720p); }

TEST(Rungs, WhoCanFollowGetsAllThereIs) {
  const Rungs rungs = of({full(8'000'000), full(20'000'000)});
  EXPECT_EQ(rungs.half, (std::vector{false, false}));
  EXPECT_EQ(rungs.full_rate, kMost);
}

TEST(Rungs, NobodyIsThere) { EXPECT_EQ(of({}).full_rate, kMost); }

TEST(Rungs, TheBitRateFallsFirstThenTheFrameRateThenTheSize) {
  const Rungs at_2 = of({full(2'000'000)});
  EXPECT_EQ(at_2.full_rate, (VideoRate{2'000'000, 30, true}));
  const Rungs at_08 = of({full(800'000)});
  EXPECT_FALSE(at_08.half[0]);
  EXPECT_LT(at_08.full_rate.fps, 30);
  EXPECT_GE(at_08.full_rate.fps, kLeastFps);
  const Rungs at_04 = of({full(400'000)});
  EXPECT_TRUE(at_04.half[0]);
  EXPECT_EQ(at_04.half_rate, (VideoRate{400'000, 30, true}));
  const Rungs at_015 = of({half(150'000)});
  EXPECT_TRUE(at_015.half[0]);
  EXPECT_LT(at_015.half_rate.fps, kLeastFps * 1.1);
}

TEST(Rungs, ALargerCanvasNeedsMore) {
  const std::vector<Watcher> one = {full(1'000'000)};
  EXPECT_FALSE(plan_rungs(one, kMost, k720p).half[0]);
  EXPECT_TRUE(plan_rungs(one, kMost, {.width = 1920, .height = 1080}).half[0]);
}

TEST(Rungs, ASlowOneTakesNothingFromTheOthers) {
  const Rungs rungs = of({full(8'000'000), full(1'500'000), full(7'000'000)});
  EXPECT_EQ(rungs.half, (std::vector{false, true, false}));
  EXPECT_EQ(rungs.full_rate.bitrate_bps, 7'000'000);
  EXPECT_EQ(rungs.half_rate.bitrate_bps, 1'500'000);
}

TEST(Rungs, AllSlowShareTheFullSize) {
  const Rungs rungs = of({full(2'000'000), full(1'800'000)});
  EXPECT_EQ(rungs.half, (std::vector{false, false}));
  EXPECT_EQ(rungs.full_rate.bitrate_bps, 1'800'000);
}

TEST(Rungs, GoingAndComingBackLieApart) {
  EXPECT_FALSE(of({full(8'000'000), full(4'500'000)}).half[1]);
  EXPECT_TRUE(of({full(8'000'000), half(4'500'000)}).half[1]);
  EXPECT_FALSE(of({full(8'000'000), half(6'000'000)}).half[1]);
  EXPECT_FALSE(of({full(600'000)}).half[0]);
  EXPECT_TRUE(of({half(600'000)}).half[0]);
  EXPECT_FALSE(of({half(900'000)}).half[0]);
}

TEST(Rungs, WhoCarriesAllThatIsAllowedComesBack) {
  const std::vector<Watcher> one = {half(700'000)};
  EXPECT_TRUE(plan_rungs(one, kMost, k720p).half[0]);
  EXPECT_FALSE(plan_rungs(one, {.bitrate_bps = 700'000, .fps = 30}, k720p).half[0]);
}

TEST(Rungs, WhoKnowsOneSizeStaysAndDegradesNobody) {
  const Rungs rungs = of({full(8'000'000), original(500'000)});
  EXPECT_EQ(rungs.half, (std::vector{false, false}));
  EXPECT_EQ(rungs.full_rate, kMost);
  EXPECT_EQ(of({original(500'000)}).full_rate.bitrate_bps, 500'000) << "alone, it is served as it can be";
  EXPECT_EQ(of({original(500'000), half(300'000)}).full_rate.bitrate_bps, 500'000);
  EXPECT_EQ(of({original(200'000), half(700'000)}).full_rate.bitrate_bps, 200'000) << "who has half is not in it";
}

}  // namespace
}  // namespace ndcast::plan
