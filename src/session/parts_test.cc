// The small state machines on their own.

#include <gtest/gtest.h>

#include "session/backlog.h"
#include "session/heartbeat.h"
#include "session/shared_frame.h"

namespace ndcast::session {
namespace {

using State = Backlog::State;

class BacklogTest : public ::testing::Test {
 protected:
  void send(std::size_t bytes, Backlog::Counts counts = Backlog::Counts::Yes) {
    backlog_.note_sent(bytes, now_, counts);
    queued_ += bytes;
  }
  State observe() { return backlog_.observe(queued_, now_); }

  Backlog backlog_;
  MonotonicTime now_{};
  std::size_t queued_ = 0;
};

TEST_F(BacklogTest, WP18_KeepsUpWhileItTakesWhatItIsGiven) {
  for (int i = 0; i < 100; ++i) {
    send(100'000);
    queued_ = 0;
    now_ += 1s;
    EXPECT_EQ(observe(), State::KeepsUp);
  }
  EXPECT_TRUE(backlog_.drained());
  EXPECT_FALSE(backlog_.next_deadline());
}

TEST_F(BacklogTest, WP18_LagsPast256KiB) {
  send(256 * 1024);
  EXPECT_EQ(observe(), State::KeepsUp);
  send(1);
  EXPECT_EQ(observe(), State::Lags);
}

TEST_F(BacklogTest, WP18_LagsAfterTwoSeconds) {
  send(10);
  now_ += 1999ms;
  EXPECT_EQ(observe(), State::KeepsUp);
  now_ += 1ms;
  EXPECT_EQ(observe(), State::Lags);
  queued_ = 0;
  EXPECT_EQ(observe(), State::KeepsUp);
}

TEST_F(BacklogTest, WP18_ASnapshotDoesNotCount) {
  send(3'000'000, Backlog::Counts::No);
  now_ += 3s;
  EXPECT_EQ(observe(), State::KeepsUp);
  send(1000);
  now_ += 1s;
  EXPECT_EQ(observe(), State::KeepsUp);
}

TEST_F(BacklogTest, WP18_StuckPastFourMebibytes) {
  send((std::size_t{4} << 20) + 1);
  EXPECT_EQ(observe(), State::Stuck);
}

TEST_F(BacklogTest, WP18_StuckAfterTenSecondsWithoutProgress) {
  send(1000);
  now_ += 9s;
  queued_ -= 1;
  EXPECT_EQ(observe(), State::Lags) << "slow, but it moves";
  now_ += 9s;
  EXPECT_EQ(observe(), State::Lags);
  EXPECT_EQ(backlog_.next_deadline(), now_ + 1s);
  now_ += 1s;
  EXPECT_EQ(observe(), State::Stuck);
}

TEST(HeartbeatTest, WP6_BeatsEveryIntervalAndCountsMisses) {
  MonotonicTime now{};
  Heartbeat heartbeat(now);
  const auto next = [&] {
    now += 15s;
    return heartbeat.tick(now);
  };
  EXPECT_EQ(heartbeat.tick(now), Heartbeat::Step::Nothing);
  EXPECT_EQ(next(), Heartbeat::Step::Beat);
  EXPECT_EQ(next(), Heartbeat::Step::Beat);
  heartbeat.on_inbound();
  EXPECT_EQ(next(), Heartbeat::Step::Beat);
  EXPECT_EQ(next(), Heartbeat::Step::Beat);
  EXPECT_EQ(next(), Heartbeat::Step::Dead);
}

TEST(SharedFrameTest, WP12_CopiesDifferInTheSessionAlone) {
  // Somebody names a layer like the placeholder: only the envelope's session is replaced.
  const Json payload = Json::make_object({{"session", kSessionPlaceholder}});
  const SharedFrame frame({.type = "nd.commit", .timestamp = 1.5, .payload = payload});
  const std::string id = "123e4567-e89b-42d3-a456-426614174000";
  const std::string expected =
      protocol::print({.type = "nd.commit", .session = id, .timestamp = 1.5, .payload = payload});
  EXPECT_EQ(*frame.for_session({id}), expected);
}

}  // namespace
}  // namespace ndcast::session
