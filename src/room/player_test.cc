// Playing sliders: pace, ends, pauses, whose index wins, and that a slow renderer is never run over.

#include "room/player.h"

#include <gtest/gtest.h>

#include "reduce/test_scene.h"

namespace ndcast::room {
namespace {

using namespace scene;

class PlayerTest : public ::testing::Test {
 protected:
  PlayerTest() {
    reduce::testing::open_small_scene(ledger_);
    note();
  }

  void note() { player_.note(*ledger_.snapshot(), clock_.now()); }
  void apply(const Intent& intent) {
    const auto outcome = reduce::reduce(*ledger_.snapshot(), kMainView, intent);
    ASSERT_TRUE(outcome) << outcome.error().message;
    reduce::testing::commit(ledger_, *outcome);
    note();
  }
  void play(const std::string& axis, double fps, PlayLoop loop) { apply(SetPlay{axis, Play{fps, loop}}); }

  /// What the room does in settle(); how many transactions there were.
  std::size_t settle() {
    const auto applied = [this](const ViewId&) { return is_rendering_ ? ledger_.server_seq() : applied_; };
    auto steps = player_.due(*ledger_.snapshot(), applied, clock_.now());
    for (auto& step : steps) {
      EXPECT_EQ(step.author.origin, ledger::Origin::Policy);
      EXPECT_EQ(step.author.actor, "play");
      ledger_.commit(std::move(step));
      note();
    }
    return steps.size();
  }
  /// Index of t after each of `periods` of 100 ms.
  std::vector<std::int64_t> film(int periods) {
    std::vector<std::int64_t> seen;
    for (int i = 0; i < periods; ++i) {
      clock_.advance(100ms);
      settle();
      seen.push_back(index("t"));
    }
    return seen;
  }
  std::int64_t index(const std::string& axis) const {
    const auto snapshot = ledger_.snapshot();
    return snapshot->find_view(kMainView)
        ->index->value[static_cast<std::size_t>(*axis_position(*snapshot->axes, axis))];
  }
  bool is_playing(const std::string& axis) const {
    const auto snapshot = ledger_.snapshot();
    return snapshot->find_view(kMainView)
        ->play->value[static_cast<std::size_t>(*axis_position(*snapshot->axes, axis))]
        .has_value();
  }

  FakeClock clock_;
  ledger::Ledger ledger_{clock_};
  Player player_;
  bool is_rendering_ = true;  ///< every commit is applied at once
  std::uint64_t applied_ = 0;
};

using Film = std::vector<std::int64_t>;

TEST_F(PlayerTest, WP31_LoopsAroundTheAxis) {
  play("t", 10, PlayLoop::Loop);
  EXPECT_EQ(film(6), (Film{1, 2, 3, 0, 1, 2})) << "t has 4 positions";
}

TEST_F(PlayerTest, WP31_GoesThereAndBack) {
  play("t", 10, PlayLoop::Pingpong);
  EXPECT_EQ(film(8), (Film{1, 2, 3, 2, 1, 0, 1, 2}));
}

TEST_F(PlayerTest, WP31_OnceEndsWithTheLastStep) {
  play("t", 10, PlayLoop::Once);
  EXPECT_EQ(film(2), (Film{1, 2}));
  EXPECT_TRUE(is_playing("t"));
  const std::uint64_t before = ledger_.server_seq();
  EXPECT_EQ(film(1), Film{3});
  EXPECT_FALSE(is_playing("t"));
  EXPECT_EQ(ledger_.server_seq(), before + 1) << "index and end are one transaction";
  EXPECT_EQ(film(3), (Film{3, 3, 3}));
}

TEST_F(PlayerTest, WP31_OnceFromTheEndPlaysFromTheBeginning) {
  apply(SetIndex{"t", 3});
  play("t", 10, PlayLoop::Once);
  EXPECT_EQ(film(4), (Film{0, 1, 2, 3}));
  EXPECT_FALSE(is_playing("t"));
}

TEST_F(PlayerTest, WP31_KeepsTheBeat) {
  play("t", 10, PlayLoop::Loop);
  clock_.advance(130ms);
  EXPECT_EQ(settle(), 1U);
  clock_.advance(69ms);
  EXPECT_EQ(settle(), 0U);
  clock_.advance(1ms);
  EXPECT_EQ(settle(), 1U) << "the second step is at 200 ms though the first was late";
}

TEST_F(PlayerTest, WP31_StepsLateAreNotCaughtUp) {
  play("t", 10, PlayLoop::Loop);
  clock_.advance(10s);
  EXPECT_EQ(settle(), 1U);
  EXPECT_EQ(settle(), 0U);
  EXPECT_EQ(index("t"), 1);
}

TEST_F(PlayerTest, WP31_WaitsUntilTheLastStepIsApplied) {
  play("t", 10, PlayLoop::Loop);
  is_rendering_ = false;
  applied_ = ledger_.server_seq();
  EXPECT_EQ(film(5), (Film{1, 1, 1, 1, 1}));
  const auto applied = [this](const ViewId&) { return applied_; };
  EXPECT_FALSE(player_.next_deadline(applied)) << "no timer spins while it waits";
  applied_ = ledger_.server_seq();
  EXPECT_EQ(settle(), 1U) << "the watermark wakes it";
  EXPECT_EQ(index("t"), 2);
}

TEST_F(PlayerTest, WP31_SomebodysOwnIndexWins) {
  play("z", 10, PlayLoop::Loop);
  clock_.advance(90ms);
  apply(SetIndex{"z", 10});
  clock_.advance(20ms);
  EXPECT_EQ(settle(), 0U) << "a full period from there";
  clock_.advance(80ms);
  EXPECT_EQ(settle(), 1U);
  EXPECT_EQ(index("z"), 11);
}

TEST_F(PlayerTest, WP31_OnceMovedToTheEndIsOver) {
  play("z", 10, PlayLoop::Once);
  film(2);
  apply(SetIndex{"z", 49});
  film(1);
  EXPECT_EQ(index("z"), 49);
  EXPECT_FALSE(is_playing("z"));
}

TEST_F(PlayerTest, WP31_NullStops) {
  play("t", 10, PlayLoop::Loop);
  film(1);
  apply(SetPlay{"t", std::nullopt});
  EXPECT_EQ(film(3), (Film{1, 1, 1}));
  EXPECT_FALSE(player_.next_deadline([](const ViewId&) { return std::uint64_t{1} << 50; }));
}

TEST_F(PlayerTest, WP31_ADisplayedAxisPausesAndGoesOn) {
  play("z", 10, PlayLoop::Loop);
  apply(SetNdisplay{3});
  const std::int64_t z = index("z");
  film(5);
  EXPECT_EQ(index("z"), z);
  apply(SetNdisplay{2});
  const std::int64_t back = index("z");
  film(1);
  EXPECT_EQ(index("z"), back + 1);
}

TEST_F(PlayerTest, WP31_TwoAxesStepInOneTransaction) {
  play("t", 10, PlayLoop::Loop);
  play("z", 10, PlayLoop::Loop);
  const std::uint64_t before = ledger_.server_seq();
  film(1);
  EXPECT_EQ(ledger_.server_seq(), before + 1);
  EXPECT_EQ(index("t"), 1);
  EXPECT_EQ(index("z"), 26);
}

TEST_F(PlayerTest, WP31_AnAxisThatGoesTakesItsFilmWithIt) {
  play("t", 10, PlayLoop::Loop);
  reduce::NewScene next = reduce::testing::small_scene();
  next.axes.axes.erase(next.axes.axes.begin());
  next.index.erase(next.index.begin());
  for (auto& layer : next.layers) {
    for (auto& level : layer.meta.levels) {
      level.shape.erase(level.shape.begin());
      level.downsample.erase(level.downsample.begin());
    }
  }
  reduce::testing::commit(ledger_, reduce::replace_scene(*ledger_.snapshot(), kMainView, next, {}));
  note();
  clock_.advance(1s);
  EXPECT_EQ(settle(), 0U);
}

}  // namespace
}  // namespace ndcast::room
