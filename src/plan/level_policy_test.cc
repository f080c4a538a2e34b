#include "plan/level_policy.h"

#include <array>

#include <gtest/gtest.h>

namespace ndcast::plan {
namespace {

using Over = std::vector<std::optional<double>>;
constexpr std::optional<double> kNone = std::nullopt;

// The original's own vectors (facts §10).
TEST(LevelPolicy, OriginalVectors) {
  LevelDecision decision = decide_level({.current = 1, .oversampling = Over{0.95, 1.6}, .zoom_hint = 0.5});
  EXPECT_EQ(decision.level, 0);
  EXPECT_EQ(decision.reason, "zoom-in");

  decision =
      decide_level({.current = 2, .oversampling = Over{kNone, 1.18, 1.6}, .zoom_hint = 0.7}, {.threshold_in = 1.2});
  EXPECT_EQ(decision.level, 1);

  decision = decide_level({.current = 2, .oversampling = Over{0.7, 0.9, 1.6}});
  EXPECT_EQ(decision.level, 1);
  EXPECT_EQ(decision.reason, "heuristic");

  decision = decide_level({.current = 0, .oversampling = Over{1.28, 1.6}, .zoom_hint = 1.4});
  EXPECT_EQ(decision.level, 1);
  EXPECT_EQ(decision.reason, "zoom-out");

  decision =
      decide_level({.current = 1, .oversampling = Over{0.8, 1.8}, .since_switch = std::chrono::milliseconds(10)});
  EXPECT_EQ(decision.level, 1);
  EXPECT_EQ(decision.wanted, 0);
  EXPECT_EQ(decision.reason, "cooldown");

  decision = decide_level({.current = 0, .oversampling = Over{0.5, 0.25, 0.125}, .locked = 2});
  EXPECT_EQ(decision.level, 2);
  EXPECT_EQ(decision.reason, "locked");

  EXPECT_EQ(decide_level({.current = 0, .oversampling = {}}).reason, "no-oversampling");
  EXPECT_EQ(decide_level({.current = 1, .oversampling = Over{kNone, kNone}}).reason, "no-oversampling");
}

TEST(LevelPolicy, UnjudgedLevelsAreNotEntered) {
  EXPECT_EQ(decide_level({.current = 1, .oversampling = Over{kNone, 0.4}, .zoom_hint = 0.5}).level, 1);
}

TEST(LevelPolicy, HoldsBetweenTheThresholds) {
  const LevelDecision decision = decide_level({.current = 1, .oversampling = Over{1.2, 0.6}});
  EXPECT_EQ(decision.level, 1);
  EXPECT_EQ(decision.reason, "hold");
  EXPECT_EQ(decide_level({.current = 0, .oversampling = Over{1.35, 0.6}}).level, 0);
  EXPECT_EQ(decide_level({.current = 0, .oversampling = Over{1.36, 0.6}}).level, 1);
}

TEST(LevelPolicy, CooldownEndsAfter150Ms) {
  LevelQuestion question{.current = 1, .oversampling = Over{0.8, 0.4}, .since_switch = std::chrono::milliseconds(149)};
  EXPECT_EQ(decide_level(question).level, 1);
  question.since_switch = std::chrono::milliseconds(150);
  EXPECT_EQ(decide_level(question).level, 0);
}

TEST(LevelPolicy, CooldownHoldsALockToo) {
  const LevelDecision decision = decide_level(
      {.current = 0, .oversampling = Over{0.5, 0.25}, .locked = 1, .since_switch = std::chrono::milliseconds(1)});
  EXPECT_EQ(decision.level, 0);
  EXPECT_EQ(decision.wanted, 1);
}

TEST(LevelPolicy, HysteresisForbidsSingleSteps) {
  EXPECT_EQ(decide_level({.current = 1, .oversampling = Over{0.5, 0.25}}, {.hysteresis = 0.1}).level, 1);
}

TEST(LevelPolicy, SettlesInSeveralStepsAndStays) {
  const Over over{8.0, 4.0, 2.0, 1.0, 0.5};
  EXPECT_EQ(settled_level(over, 0), 3);
  EXPECT_EQ(settled_level(over, 4), 3);
  EXPECT_EQ(settled_level(over, 3), 3);
}

TEST(LevelPolicy, BudgetFallsToCoarserAndNeverFails) {
  const std::array<std::int64_t, 3> costs{1000, 100, 10};
  EXPECT_EQ(affordable_level(0, costs, 1000), 0);
  EXPECT_EQ(affordable_level(0, costs, 999), 1);
  EXPECT_EQ(affordable_level(1, costs, 5), 2);
}

}  // namespace
}  // namespace ndcast::plan
