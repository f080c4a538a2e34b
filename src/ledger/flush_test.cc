#include "ledger/flush.h"

#include <algorithm>
#include <map>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ndcast::ledger {
namespace {

using namespace scene;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

const RegisterId kZ{Scope::Dims, "z", Key::Index, "main"};
const RegisterId kT{Scope::Dims, "t", Key::Index, "main"};
const RegisterId kNdisplay{Scope::View, "main", Key::Ndisplay, {}};
const RegisterId kShown{Scope::Lod, "main", Key::Shown, {}};
const RegisterId kOp{Scope::Op, "main", Key::State, {}};
const RegisterId kOther{Scope::View, "other", Key::Ndisplay, {}};
const RegisterId kOtherOp{Scope::Op, "other", Key::State, {}};
const ViewId kOtherView{"other"};

class FlusherTest : public ::testing::Test {
 protected:
  void commit(std::vector<RegisterId> changed, const std::optional<OpenedOp>& opened = std::nullopt) {
    flusher_.note_commit({++server_seq_, std::move(changed)}, opened, clock_.now());
  }
  void toggle(std::vector<RegisterId> changed, OpKind kind = OpKind::ViewToggle) {
    commit(std::move(changed), OpenedOp{kMainView, kind});
  }
  std::optional<Flush> take() { return flusher_.take(clock_.now()); }
  /// What a room does when a watermark comes.
  bool reach(std::uint64_t applied) {
    if (!flusher_.reached(kMainView, applied)) return false;
    commit({kOp});
    flusher_.close_op(kMainView);
    return true;
  }

  FakeClock clock_;
  std::uint64_t server_seq_ = 10;
  Flusher flusher_{10};
};

TEST_F(FlusherTest, WP12_NothingToTellIsNoFlush) {
  EXPECT_FALSE(take());
  EXPECT_FALSE(flusher_.next_deadline());
  flusher_.note_commit({10, {}}, std::nullopt, clock_.now());
  EXPECT_FALSE(take());
}

TEST_F(FlusherTest, WP12_LeavesAtOnceWhenTheLastWasLongAgo) {
  commit({kZ});
  EXPECT_LE(flusher_.next_deadline().value(), clock_.now());
  const auto flush = take();
  ASSERT_TRUE(flush);
  EXPECT_EQ(flush->from, 10U);
  EXPECT_EQ(flush->to, 11U);
  EXPECT_THAT(flush->registers, ElementsAre(kZ));
}

TEST_F(FlusherTest, WP12_LeavesAtFourMillisecondsOtherwise) {
  commit({kZ});
  ASSERT_TRUE(take());
  clock_.advance(1ms);
  commit({kZ});
  EXPECT_FALSE(take());
  EXPECT_EQ(flusher_.next_deadline(), clock_.now() + 3ms);
  clock_.advance(3ms);
  EXPECT_TRUE(take());
}

TEST_F(FlusherTest, WP12_TellingTakesTwoThirdsOfTheThread) {
  flusher_.note_cost(500us);
  commit({kZ});
  ASSERT_TRUE(take());
  commit({kZ});
  EXPECT_FALSE(take());
  EXPECT_EQ(flusher_.next_deadline(), clock_.now() + 750us);
  clock_.advance(750us);
  EXPECT_TRUE(take());
}

TEST_F(FlusherTest, WP12_SixteenMillisecondsApartAndNoFurther) {
  flusher_.note_cost(1s);
  commit({kZ});
  ASSERT_TRUE(take());
  commit({kZ});
  EXPECT_EQ(flusher_.next_deadline(), clock_.now() + 16ms);
}

TEST_F(FlusherTest, WP12_AFewListenersHearAtOnce) {
  flusher_.note_cost(10us);
  commit({kZ});
  EXPECT_TRUE(take());
  clock_.advance(80us);
  commit({kZ});
  EXPECT_TRUE(take());
}

TEST_F(FlusherTest, WP12_MergesWholeConsecutiveTransactionsEachRegisterOnce) {
  commit({kZ, kT});
  commit({kZ});
  commit({kT});
  const auto flush = take();
  ASSERT_TRUE(flush);
  EXPECT_EQ(flush->from, 10U);
  EXPECT_EQ(flush->to, 13U);
  EXPECT_EQ(flush->registers.size(), 2U);
}

TEST_F(FlusherTest, WP13_HoldsWhatTheOpChangedAndNothingElse) {
  toggle({kNdisplay, kZ, kOp});
  commit({kT});
  const auto flush = take();
  ASSERT_TRUE(flush);
  EXPECT_THAT(flush->registers, ElementsAre(kT));
  EXPECT_FALSE(flusher_.snapshot_allowed(kMainView));
}

TEST_F(FlusherTest, WP13_AnotherViewsOpHoldsNoSnapshotUnlessItHoldsWhatIsShared) {
  const ViewId fork{"view-1"};
  const RegisterId of_fork{Scope::View, fork.value, Key::Ndisplay, {}};
  flusher_.note_commit({11, {of_fork}}, OpenedOp{fork, OpKind::ViewFork}, clock_.now());
  EXPECT_TRUE(flusher_.snapshot_allowed(kMainView));
  EXPECT_FALSE(flusher_.snapshot_allowed(fork));
  flusher_.note_commit({12, {{Scope::Scene, "main", Key::Source, {}}, of_fork}}, OpenedOp{fork, OpKind::SceneReplace},
                       clock_.now());
  EXPECT_FALSE(flusher_.snapshot_allowed(kMainView));
}

TEST_F(FlusherTest, WP13_AnOpOfTwoViewsIsToldWhenBothHaveAppliedIt) {
  const ViewId fork{"view-1"};
  const RegisterId source{Scope::Scene, "main", Key::Source, {}};
  flusher_.note_commit({11, {source}}, OpenedOp{kMainView, OpKind::SceneReplace, {fork}}, clock_.now());
  ASSERT_TRUE(flusher_.reached(kMainView, 11));
  flusher_.close_op(kMainView);
  EXPECT_FALSE(flusher_.take(clock_.now()));
  ASSERT_TRUE(flusher_.reached(fork, 11));
  flusher_.close_op(fork);
  const auto flush = flusher_.take(clock_.now());
  ASSERT_TRUE(flush);
  EXPECT_THAT(flush->registers, ElementsAre(source));
}

TEST_F(FlusherTest, WP13_ClosingFlushIsOneFrameWithTheApplysLevelAndPose) {
  toggle({kNdisplay, kOp});
  EXPECT_FALSE(take());
  commit({kShown});
  EXPECT_TRUE(reach(11));
  const auto flush = take();
  ASSERT_TRUE(flush);
  EXPECT_THAT(flush->registers, ::testing::UnorderedElementsAre(kNdisplay, kOp, kShown));
  EXPECT_TRUE(flusher_.snapshot_allowed(kMainView));
}

TEST_F(FlusherTest, WP13_LaterChangesOfAHeldRegisterAreHeldToo) {
  toggle({kNdisplay, kZ, kOp});
  commit({kZ});
  EXPECT_FALSE(take());
  EXPECT_TRUE(reach(11));
  EXPECT_THAT(take()->registers, ::testing::Contains(kZ));
}

TEST_F(FlusherTest, WP13_AnUntoldEarlierChangeOfARegisterWaitsForTheOpThatChangesItAgain) {
  commit({kZ});
  commit({kT});
  toggle({kNdisplay, kZ, kOp});
  EXPECT_THAT(take().value().registers, ElementsAre(kT));
}

TEST_F(FlusherTest, WP12_WP13_ATransactionThatSharesAHeldRegisterIsHeldWhole) {
  toggle({kNdisplay, kZ, kOp});
  commit({kZ, kT});
  commit({kShown});
  auto flush = take();
  ASSERT_TRUE(flush);
  EXPECT_THAT(flush->registers, ElementsAre(kShown)) << "kT would be half of its transaction";
  EXPECT_TRUE(reach(11));
  clock_.advance(4ms);
  flush = take();
  ASSERT_TRUE(flush);
  EXPECT_EQ(flush->registers.size(), 4U);
}

TEST_F(FlusherTest, WP12_WP13_AHeldTransactionHoldsTheUntoldOnesThatItMeets) {
  commit({kZ});
  toggle({kNdisplay, kOp});
  commit({kZ, kNdisplay});
  EXPECT_FALSE(take());
  EXPECT_TRUE(reach(12));
  EXPECT_EQ(take().value().registers.size(), 3U);
}

TEST_F(FlusherTest, WP13_TwoOpsExpireWithTheFirst) {
  toggle({kNdisplay, kOp});
  clock_.advance(1500ms);
  toggle({kNdisplay, kOp});
  clock_.advance(600ms);
  EXPECT_THAT(flusher_.expired(clock_.now()), ElementsAre(kMainView));
}

TEST_F(FlusherTest, WP12_WP13_NeighboursOfAnUntoldRegisterWaitForTheOpThatChangesItAgain) {
  commit({kZ, kT});
  toggle({kZ, kOp});
  EXPECT_FALSE(take());
  EXPECT_TRUE(reach(12));
  const auto flush = take();
  ASSERT_TRUE(flush);
  EXPECT_EQ(flush->registers.size(), 3U);
}

TEST_F(FlusherTest, WP13_AStaleWatermarkDoesNotClose) {
  toggle({kNdisplay, kOp});
  EXPECT_FALSE(reach(10));
  EXPECT_FALSE(take());
}

TEST_F(FlusherTest, WP13_ANewerOpKeepsTheOlderOnesRegistersUntilItIsApplied) {
  toggle({kNdisplay, kOp});      // 11
  toggle({kNdisplay, kZ, kOp});  // 12
  EXPECT_FALSE(reach(11));
  EXPECT_FALSE(take());
  EXPECT_TRUE(reach(12));
  EXPECT_EQ(take()->registers.size(), 3U);
}

TEST_F(FlusherTest, WP13_ViewsHoldIndependently) {
  toggle({kNdisplay, kZ, kOp});
  commit({kOther, kOtherOp}, OpenedOp{kOtherView, OpKind::ViewToggle});
  EXPECT_TRUE(flusher_.reached(kOtherView, 12));
  flusher_.close_op(kOtherView);
  EXPECT_THAT(take().value().registers, UnorderedElementsAre(kOther, kOtherOp));
}

TEST_F(FlusherTest, WP13_WhatOpsOfTwoViewsChangedWaitsForBoth) {
  toggle({kNdisplay, kZ, kOp});
  commit({kOther, kZ}, OpenedOp{kOtherView, OpKind::ViewToggle});
  EXPECT_TRUE(flusher_.reached(kOtherView, 12));
  flusher_.close_op(kOtherView);
  EXPECT_FALSE(take());
  EXPECT_TRUE(reach(12));
  EXPECT_EQ(take().value().registers.size(), 4U);
}

TEST_F(FlusherTest, WP13_ExpiresAfterTwoSeconds) {
  toggle({kNdisplay, kOp});
  EXPECT_EQ(flusher_.next_deadline(), clock_.now() + 2s);
  clock_.advance(1999ms);
  EXPECT_TRUE(flusher_.expired(clock_.now()).empty());
  clock_.advance(1ms);
  EXPECT_THAT(flusher_.expired(clock_.now()), ElementsAre(kMainView));
}

TEST_F(FlusherTest, WP13_AnUnappliedOpExpiresHoweverManyFollowIt) {
  for (int i = 0; i < 300; ++i) {
    toggle({kNdisplay, kOp});
    clock_.advance(10ms);
  }
  EXPECT_THAT(flusher_.expired(clock_.now()), ElementsAre(kMainView));
  EXPECT_TRUE(reach(server_seq_));
}

TEST_F(FlusherTest, WP13_TheTimeCountsFromTheOldestUnappliedOp) {
  toggle({kNdisplay, kOp});  // 11
  clock_.advance(1500ms);
  toggle({kNdisplay, kOp});  // 12
  EXPECT_FALSE(flusher_.reached(kMainView, 11));
  clock_.advance(1s);
  EXPECT_TRUE(flusher_.expired(clock_.now()).empty());
  clock_.advance(1s);
  EXPECT_FALSE(flusher_.expired(clock_.now()).empty());
}

TEST_F(FlusherTest, WP13_BootstrapHasNoLimit) {
  toggle({kNdisplay, kOp}, OpKind::Bootstrap);
  clock_.advance(1h);
  EXPECT_TRUE(flusher_.expired(clock_.now()).empty());
  EXPECT_FALSE(flusher_.next_deadline());
}

/// A reader that applies flushes ends with the ledger's last values, having seen every commit in exactly one flush and
/// nothing that was held, whatever the order of events.
TEST(FlusherProperty, WP12_WP13_EveryCommitIsInExactlyOneFlush) {
  for (unsigned seed = 0; seed < 50; ++seed) {
    std::mt19937 random(seed);
    FakeClock clock;
    Flusher flusher(0);
    std::uint64_t server_seq = 0;
    std::uint64_t told = 0;
    std::map<RegisterId, std::uint64_t> ledger;
    std::map<RegisterId, std::uint64_t> reader;
    std::map<std::uint64_t, std::vector<RegisterId>> transactions;
    const std::vector<RegisterId> registers = {kZ, kT, kNdisplay, kShown};
    const auto commit = [&](std::vector<RegisterId> changed, const std::optional<OpenedOp>& opened) {
      ++server_seq;
      for (const auto& id : changed) ledger[id] = server_seq;
      transactions[server_seq] = changed;
      flusher.note_commit({server_seq, std::move(changed)}, opened, clock.now());
    };
    const auto drain = [&] {
      const auto flush = flusher.take(clock.now());
      if (!flush) return;
      EXPECT_EQ(flush->from, told);
      EXPECT_GE(flush->to, flush->from);
      told = flush->to;
      for (const auto& id : flush->registers) reader[id] = ledger.at(id);
      for (const auto& id : flush->registers) {
        for (const auto& sibling : transactions.at(ledger.at(id))) {
          EXPECT_GE(reader[sibling], ledger.at(id)) << "a part of a transaction, seed " << seed;
        }
      }
    };
    for (int step = 0; step < 400; ++step) {
      switch (random() % 6) {
        case 0:
          commit({kNdisplay, kOp, registers[random() % 4]}, OpenedOp{kMainView, OpKind::ViewToggle});
          break;
        case 1:
          if (flusher.reached(kMainView, server_seq - random() % 2)) {
            commit({kOp}, std::nullopt);
            flusher.close_op(kMainView);
          }
          break;
        case 2:
          clock.advance(std::chrono::milliseconds(random() % 6));
          break;
        case 3:
          commit({registers[random() % 2], registers[2 + random() % 2]}, std::nullopt);
          break;
        default:
          commit({registers[random() % 4]}, std::nullopt);
      }
      drain();
    }
    if (flusher.reached(kMainView, server_seq)) flusher.close_op(kMainView);
    clock.advance(4ms);
    drain();
    EXPECT_EQ(reader, ledger) << "seed " << seed;
    EXPECT_EQ(told, server_seq);
  }
}

}  // namespace
}  // namespace ndcast::ledger
