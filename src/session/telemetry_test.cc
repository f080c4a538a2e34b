// WP14: nd.telemetry for who asked.

#include <gtest/gtest.h>

#include "session/telemetry_desk.h"
#include "session/testing.h"

namespace ndcast::session {
namespace {

using namespace testing;

class TelemetryTest : public ::testing::Test {
 protected:
  void ask(bool on = true) {
    ada_.call("nd.telemetry", Json::make_object({{"on", on}}));
    EXPECT_EQ(at(ada_.take("reply.command"), {"payload", "result", "on"}), Json(on));
  }
  void pass(std::chrono::milliseconds time) {
    rig_.clock.advance(time);
    rig_.hub->tick();
  }

  Rig rig_;
  Client ada_ = rig_.settled(rig_.native("ada", auth::Role::Viewer));
};

TEST_F(TelemetryTest, WP14_WhoAskedIsToldTwiceASecondWhileFramesFlow) {
  Client bob = rig_.settled(rig_.native("bob"));
  ask();
  pass(0ms);
  ada_.clear();
  for (int i = 0; i < 200; ++i) {
    ++rig_.room.measurements.frames;
    rig_.room.measurements.bytes += 1000;
    pass(10ms);
  }
  EXPECT_GE(ada_.count("nd.telemetry"), 3U);
  EXPECT_LE(ada_.count("nd.telemetry"), 4U);
  EXPECT_FALSE(bob.has("nd.telemetry"));
  const Json told = ada_.take("nd.telemetry");
  EXPECT_NEAR(*at(told, {"payload", "fps"}).as_double(), 100, 1);
  EXPECT_NEAR(static_cast<double>(*at(told, {"payload", "bitrate"}).as_int64()), 800'000, 8000);
  EXPECT_EQ(text_at(told, {"payload", "view"}), "main");
  EXPECT_EQ(text_at(told, {"payload", "level_reason"}), "bootstrap");
}

TEST_F(TelemetryTest, WP14_AtRestEveryTenSeconds) {
  ask();
  pass(0ms);
  EXPECT_EQ(ada_.count("nd.telemetry"), 1U) << "the first at once";
  ada_.clear();
  for (int i = 0; i < 25; ++i) pass(1s);
  EXPECT_EQ(ada_.count("nd.telemetry"), 2U);
}

TEST_F(TelemetryTest, WP14_NoMoreWhenItIsEndedOrTheSessionGoes) {
  ask();
  ask(false);
  pass(20s);
  EXPECT_FALSE(ada_.has("nd.telemetry"));
  ask();
  rig_.hub->on_close(ada_.id);
  pass(20s);
  EXPECT_FALSE(ada_.has("nd.telemetry"));
}

TEST_F(TelemetryTest, AnotherViewBeginsAnewWithoutRatesOfTheOldOne) {
  ask();
  pass(0ms);
  rig_.room.measurements.frames = 5000;
  ada_.call("nd.view.fork");
  const scene::ViewId fork{text_at(ada_.take("reply.command"), {"payload", "result", "view"})};
  rig_.apply_all(fork);
  rig_.settle();
  ada_.clear();
  pass(500ms);
  const Json told = ada_.take("nd.telemetry");
  EXPECT_EQ(text_at(told, {"payload", "view"}), fork.value);
  EXPECT_EQ(*at(told, {"payload", "fps"}).as_double(), 0);
  EXPECT_EQ(at(told, {"payload", "frames"}), Json(5000));
}

}  // namespace
}  // namespace ndcast::session
