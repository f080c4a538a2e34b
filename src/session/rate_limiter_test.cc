// WP9: rate.limited. A drag passes, a flood is refused, who goes on is closed, and nobody else notices.

#include "session/rate_limiter.h"

#include <gtest/gtest.h>

#include "session/testing.h"

namespace ndcast::session {
namespace {

using namespace ::ndcast::session::testing;

TEST(TokenBucket, FillsWithTimeUpToItsBurst) {
  FakeClock clock;
  TokenBucket bucket({.per_second = 10, .burst = 3}, clock.now());
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(bucket.take(clock.now()));
  EXPECT_EQ(bucket.take(clock.now()), 100ms);
  clock.advance(60ms);
  EXPECT_EQ(bucket.take(clock.now()), 40ms) << "a refusal costs nothing";
  clock.advance(40ms);
  EXPECT_FALSE(bucket.take(clock.now()));
  EXPECT_FALSE(bucket.is_full(clock.now()));
  clock.advance(1h);
  EXPECT_TRUE(bucket.is_full(clock.now()));
  EXPECT_FALSE(bucket.take(clock.now(), 3));
  EXPECT_TRUE(bucket.take(clock.now()));
}

TEST(TokenBucket, ACostAboveTheBurstIsTheBurst) {
  FakeClock clock;
  TokenBucket bucket({.per_second = 10, .burst = 3}, clock.now());
  EXPECT_FALSE(bucket.take(clock.now(), 1000));
  EXPECT_EQ(bucket.take(clock.now(), 1000), 300ms);
}

std::string code(const Json& ack) { return text_at(ack, {"payload", "error", "code"}); }
std::string status(const Json& ack) { return text_at(ack, {"payload", "status"}); }

TEST(Rates, WP9_ADragOfFourSlidersAt120HzPasses) {
  Rig rig;
  Client ada = rig.settled(rig.native("ada"));
  for (int step = 0; step < 120 * 10; ++step) {
    for (int slider = 0; slider < 4; ++slider) {
      ASSERT_EQ(status(ada.update("layer", "layer-0", "opacity", (step % 100) * 0.01)), "accepted") << step;
    }
    ASSERT_EQ(status(ada.update("dims", "z", "index", step % 40)), "accepted") << step;
    rig.clock.advance(std::chrono::nanoseconds(1'000'000'000 / 120));
    rig.hub->tick();
    ada.clear();
  }
}

TEST(Rates, WP9_MoreIsRefusedByScopeAndSaysWhenToComeBack) {
  Rig rig({.rates = {.updates = {.per_second = 10, .burst = 5}}});
  Client ada = rig.settled(rig.native("ada"));
  Client bob = rig.settled(rig.native("bob"));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(status(ada.update("dims", "z", "index", i)), "accepted");
  const Json frame = ada.update_frame("dims", "z", "index", 9);
  ada.send(frame);
  const Json ack = ada.take("ack.state");
  EXPECT_EQ(code(ack), "rate.limited");
  EXPECT_EQ(at(ack, {"payload", "error", "details", "retry_after_ms"}), Json(100));
  EXPECT_EQ(status(ada.update("layer", "layer-0", "opacity", 0.5)), "accepted") << "another scope";
  EXPECT_EQ(status(bob.update("dims", "z", "index", 7)), "accepted") << "another session";
  rig.clock.advance(100ms);
  ada.send(frame);
  EXPECT_EQ(status(ada.take("ack.state")), "accepted") << "the same frame again is judged anew";
  EXPECT_EQ(rig.hub->stats().rate_limited, 1U);
}

TEST(Rates, WP9_FramesAndBytesOfAllKindsAreCounted) {
  Rig rig({.rates = {.frames = {.per_second = 10, .burst = 6}, .bytes = {.per_second = 1000, .burst = 4000}}});
  Client ada = rig.settled(rig.native("ada"));
  for (int i = 0; i < 5; ++i) ada.send(ada.frame("session.heartbeat", Json::make_object()));
  EXPECT_EQ(code(ada.update("dims", "z", "index", 1)), "rate.limited");
  ada.call("nd.pixel_ticket");
  const Json error = ada.take("error.command");
  EXPECT_EQ(text_at(error, {"payload", "code"}), "command.retryable");
  EXPECT_GT(at(error, {"payload", "details", "retry_after_ms"}).as_int64().value_or(0), 0);
  rig.clock.advance(10s);
  ada.send(std::string(3900, ' '));
  ada.clear();
  EXPECT_EQ(code(ada.update("dims", "z", "index", 1)), "rate.limited");
}

TEST(Rates, WP9_WhoGoesOnIsClosedAndNobodyElse) {
  Rig rig;
  Client flood = rig.settled(rig.native("flood"));
  Client bob = rig.settled(rig.native("bob"));
  int sent = 0;
  while (!flood.sink->close_code && sent < 100'000) {
    flood.send(flood.update_frame("dims", "z", "index", ++sent % 40));
    if (sent % 10 == 0) rig.clock.advance(1ms);  // 10,000 a second
  }
  EXPECT_LT(sent, 6000);
  EXPECT_EQ(flood.sink->close_code, 1008);
  EXPECT_EQ(flood.sink->reason, "rate.limited");
  EXPECT_TRUE(flood.has("session.goodbye"));
  EXPECT_EQ(status(bob.update("dims", "z", "index", 7)), "accepted");
  EXPECT_FALSE(bob.sink->close_code);
}

TEST(Rates, WP9_ALittleTooFastIsOnlySlowedDown) {
  Rig rig;
  Client ada = rig.settled(rig.native("ada"));
  int refused = 0;
  for (int i = 0; i < 650 * 20; ++i) {  // 20 s at 650 Hz
    refused += code(ada.update("dims", "z", "index", i % 40)) == "rate.limited";
    rig.clock.advance(std::chrono::nanoseconds(1'000'000'000 / 650));
    if (i % 100 == 0) rig.hub->tick();
    ada.clear();
  }
  EXPECT_FALSE(ada.sink->close_code);
  EXPECT_GT(refused, 300);
  EXPECT_LT(refused, 1200);
}

TEST(Rates, WP5_TheWelcomeNamesThem) {
  Rig rig({.rates = {.updates = {.per_second = 10, .burst = 5}}});
  const Json welcome = rig.native("ada").take("session.welcome");
  EXPECT_EQ(at(welcome, {"nd", "capabilities", "limits", "updates_per_second"}), Json(10));
  EXPECT_EQ(at(welcome, {"nd", "capabilities", "limits", "frames_per_second"}), Json(1500));
}

}  // namespace
}  // namespace ndcast::session
