// WP6, WP7, WP12–WP15, WP18 over whole sessions: signs of life, garbage, flushes, ops, resume, slow readers.

#include "session/session_hub.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "session/testing.h"

namespace ndcast::session {
namespace {

using namespace ::ndcast::session::testing;
using scene::kMainView;

class Hub : public ::testing::Test {
 protected:
  Hub() : ada_(rig_.settled(rig_.native("ada"))), bob_(rig_.settled(rig_.native("bob"))) {}

  std::uint64_t seq() { return rig_.room.ledger().server_seq(); }

  Rig rig_;
  Client ada_;
  Client bob_;
};

// --- WP6 ----------------------------------------------------------------------------------------------------------

TEST_F(Hub, WP6_TwoMissedHeartbeatsEndTheSession) {
  const auto beat = [&] {
    rig_.clock.advance(15s);
    rig_.hub->tick();
  };
  beat();
  EXPECT_EQ(ada_.take("session.heartbeat").find("payload")->size(), 0U);
  beat();
  EXPECT_TRUE(ada_.has("session.heartbeat"));
  EXPECT_FALSE(ada_.sink->close_code);
  beat();
  const Json goodbye = ada_.take("session.goodbye");
  EXPECT_EQ(text_at(goodbye, {"payload", "code"}), "timeout");
  EXPECT_EQ(ada_.sink->close_code, 1011);
  EXPECT_FALSE(rig_.hub->bound_view(ada_.id));
  EXPECT_THAT(rig_.room.closed, ::testing::Contains(ada_.id));
}

TEST_F(Hub, WP6_AnyInboundFrameIsASignOfLife) {
  for (int i = 0; i < 10; ++i) {
    rig_.clock.advance(15s);
    rig_.hub->tick();
    ada_.send("garbage");
    bob_.send(bob_.frame("session.ack", Json::make_object()));
  }
  EXPECT_FALSE(ada_.sink->close_code);
  EXPECT_FALSE(bob_.sink->close_code);
}

TEST_F(Hub, WP6_AGoodbyeIsEchoedAndTheSocketCloses) {
  ada_.send(ada_.frame("session.goodbye", Json::make_object({{"reason", "tab closed"}})));
  EXPECT_EQ(text_at(ada_.take("session.goodbye"), {"payload", "reason"}), "tab closed");
  EXPECT_EQ(ada_.sink->close_code, 1000);
  ada_.send(ada_.update_frame("dims", "z", "index", 1));
  EXPECT_TRUE(ada_.sink->frames.empty());
  EXPECT_FALSE(bob_.sink->close_code);
}

// --- WP7 ----------------------------------------------------------------------------------------------------------

TEST_F(Hub, WP7_MalformedFramesOfEveryKindLeaveTheSessionUsable) {
  const Json ok = ada_.update_frame("dims", "z", "index", 1);
  const auto without = [&](std::string_view member) {
    Json frame = ok;
    std::erase_if(frame.object(), [&](const Json::Member& entry) { return entry.first == member; });
    return to_string(frame);
  };
  const auto with = [&](std::string_view member, Json value) {
    Json frame = ok;
    frame.set(member, std::move(value));
    return to_string(frame);
  };
  const auto of_type = [&](std::string_view type, Json payload) {
    return to_string(ada_.frame(type, std::move(payload)));
  };
  const std::vector<std::string> garbage = {
      "",
      "{",
      "[]",
      "null",
      "\"text\"",
      "{}",
      std::string(15, '['),
      std::string(100'000, ' '),
      std::string(40, '[') + std::string(40, ']'),
      without("version"),
      without("timestamp"),
      without("payload"),
      without("frame_id"),
      without("intent_id"),
      without("session"),
      with("version", 3),
      with("type", 7),
      with("payload", Json::make_array()),
      with("timestamp", "now"),
      of_type("call.command", Json::make_object()),
      of_type("call.command", Json::make_object({{"command", 5}})),
      of_type("call.command", Json::make_object({{"command", "fs.listdir"}, {"kwargs", 5}})),
      of_type("session.ack", Json::make_object({{"extra", 1}})),
      of_type("session.goodbye", Json::make_object({{"extra", 1}})),
      of_type("state.update", Json::make_object()),
      of_type("session.hello", Json::make_object()),
  };
  for (const std::string& text : garbage) {
    ada_.clear();
    ada_.send(text);
    EXPECT_FALSE(ada_.sink->frames.empty()) << "no answer to " << text.substr(0, 200);
    ada_.clear();
    EXPECT_EQ(text_at(ada_.update("dims", "z", "index", 2), {"payload", "status"}), "accepted") << text.substr(0, 200);
  }
  rig_.settle();
  EXPECT_TRUE(bob_.has("nd.commit"));
  EXPECT_GT(rig_.hub->stats().malformed, 15U);
}

TEST_F(Hub, WP7_UnknownTypesAreCountedAndAnsweredOnceAMinute) {
  const auto send = [&] { ada_.send(ada_.frame("nd.teleport", Json::make_object())); };
  send();
  send();
  EXPECT_EQ(ada_.count("notify.error"), 1U);
  EXPECT_EQ(text_at(ada_.take("notify.error"), {"payload", "code"}), "unknown_type");
  rig_.clock.advance(61s);
  send();
  EXPECT_EQ(ada_.count("notify.error"), 1U);
  EXPECT_EQ(rig_.hub->stats().unknown_types, 3U);
}

TEST_F(Hub, WP7_TheDesktopClientsBareEventsAreIgnored) {
  Client original = rig_.settled(rig_.original());
  original.send(R"({"type":"ping"})");
  original.send(R"({"type":"view.resize","width_px":10,"height_px":10,"dpr":1.0,"ts":1.0})");
  EXPECT_TRUE(original.sink->frames.empty());
}

// --- WP12 ---------------------------------------------------------------------------------------------------------

TEST_F(Hub, WP12_UpdatesOfOneMomentAreOneFrameForEveryone) {
  ada_.update("dims", "z", "index", 1);  // leaves at once
  const std::uint64_t from = seq();
  ada_.clear();
  bob_.clear();
  ada_.update("dims", "z", "index", 2);
  bob_.update("dims", "z", "index", 3);
  ada_.update("dims", "t", "index", 1);
  EXPECT_FALSE(bob_.has("nd.commit"));
  EXPECT_EQ(rig_.hub->next_deadline(), rig_.clock.now() + 4ms);
  rig_.settle();
  const Json commit = bob_.take("nd.commit");
  EXPECT_FALSE(bob_.has("nd.commit"));
  EXPECT_EQ(at(commit, {"payload", "from"}), Json(from));
  EXPECT_EQ(at(commit, {"payload", "server_seq"}), Json(seq()));
  EXPECT_EQ(at(commit, {"payload", "registers"}).size(), 2U);
  EXPECT_EQ(at(register_of(commit, "dims", "z", "index"), {"value"}), Json(3));
  EXPECT_EQ(at(ada_.take("nd.commit"), {"payload", "registers"}).size(), 2U);
}

TEST_F(Hub, WP12_FlushesFollowEachOtherWithoutAGap) {
  std::uint64_t told = seq();
  for (int i = 0; i < 50; ++i) {
    ada_.update("dims", "z", "index", i);
    if (i % 7 == 0)
      rig_.report({{{scene::Scope::Stream, "main", scene::Key::Config, {}}, scene::StreamConfig{.width = i}}});
    rig_.clock.advance(1ms);
    rig_.hub->tick();
    while (bob_.has("nd.commit")) {
      const Json commit = bob_.take("nd.commit");
      EXPECT_EQ(at(commit, {"payload", "from"}), Json(told));
      told = *at(commit, {"payload", "server_seq"}).as_uint64();
    }
  }
  rig_.settle();
  EXPECT_EQ(at(bob_.take("nd.commit"), {"payload", "server_seq"}), Json(seq()));
}

// --- WP13 ---------------------------------------------------------------------------------------------------------

scene::LodShown shown(int level) { return {.level = level, .wanted = level, .levels = 3, .reason = "restore"}; }
const scene::RegisterId kShown{scene::Scope::Lod, "main", scene::Key::Shown, {}};

TEST_F(Hub, WP13_AToggleIsOneFrameAfterItWasApplied) {
  const Json ack = ada_.update("view", "main", "ndisplay", 3);
  EXPECT_EQ(at(ack, {"payload", "applied_value"}), Json(3)) << "the ack does not wait";
  rig_.settle();
  EXPECT_FALSE(bob_.has("nd.commit"));
  ada_.update("dims", "t", "index", 1);
  rig_.settle();
  const Json other = bob_.take("nd.commit");
  EXPECT_EQ(at(other, {"payload", "registers"}).size(), 1U) << "other registers are never held";

  scene::VolumePose pose;
  pose.distance = 77;
  rig_.report(reduce::applied_pose(*rig_.room.ledger().snapshot(), kMainView, pose));
  rig_.report({{kShown, shown(1)}});
  rig_.apply_all();
  const Json commit = bob_.take("nd.commit");
  EXPECT_EQ(at(register_of(commit, "view", "main", "ndisplay"), {"value"}), Json(3));
  EXPECT_EQ(at(register_of(commit, "camera", "main", "volume"), {"value", "distance"}), Json(77.0));
  EXPECT_EQ(at(register_of(commit, "lod", "main", "shown"), {"value", "level"}), Json(1));
  EXPECT_EQ(at(register_of(commit, "op", "main", "state"), {"value", "op_state"}), Json("applied"));
  rig_.settle();
  EXPECT_FALSE(bob_.has("nd.commit"));
}

TEST_F(Hub, WP13_AWatermarkBeforeTheOpClosesNothing) {
  rig_.room.watermarks[kMainView].server_seq = seq();
  ada_.update("view", "main", "ndisplay", 3);
  rig_.hub->on_watermark(kMainView);
  rig_.settle();
  EXPECT_FALSE(bob_.has("nd.commit"));
}

TEST_F(Hub, WP13_ASnapshotAskedForWhileAnOpIsOpenIsSentWhenItCloses) {
  ada_.update("view", "main", "ndisplay", 3);
  Client eve = rig_.native("eve");
  rig_.settle();
  EXPECT_EQ(eve.types(), "session.welcome");
  ada_.update("dims", "t", "index", 1);
  rig_.settle();
  EXPECT_EQ(eve.types(), "session.welcome") << "no commit before the snapshot";
  rig_.apply_all();
  rig_.settle();
  EXPECT_EQ(eve.types(), "session.welcome nd.snapshot nd.presence");
  EXPECT_EQ(at(eve.take("nd.snapshot"), {"payload", "server_seq"}), Json(seq()));
}

TEST_F(Hub, WP13_AnOpNotAppliedWithinTwoSecondsFailsAndIsTold) {
  ada_.update("view", "main", "ndisplay", 3);
  rig_.clock.advance(1999ms);
  rig_.hub->tick();
  EXPECT_FALSE(bob_.has("nd.commit"));
  rig_.clock.advance(1ms);
  rig_.hub->tick();
  const Json commit = bob_.take("nd.commit");
  EXPECT_EQ(at(register_of(commit, "view", "main", "ndisplay"), {"value"}), Json(3)) << "registers stand";
  EXPECT_EQ(at(register_of(commit, "op", "main", "state"), {"value", "op_state"}), Json("failed"));
  EXPECT_EQ(text_at(bob_.take("notify.error"), {"payload", "code"}), "op.timeout");
  EXPECT_THAT(rig_.room.timed_out, ::testing::ElementsAre(kMainView));
  EXPECT_EQ(rig_.hub->stats().failed_ops, 1U);
}

TEST_F(Hub, WP37_WhatCannotBeDrawnIsToldToEverybodyAndNotAgainAtOnce) {
  rig_.hub->on_render_trouble("renderer \"cpu\" failed: out of memory");
  for (Client* client : {&ada_, &bob_}) {
    const Json notice = client->take("notify.error");
    EXPECT_EQ(text_at(notice, {"payload", "domain"}), "render");
    EXPECT_EQ(text_at(notice, {"payload", "code"}), "render.failed");
    EXPECT_EQ(text_at(notice, {"payload", "message"}), "renderer \"cpu\" failed: out of memory");
  }
  rig_.clock.advance(9s);
  rig_.hub->on_render_trouble("renderer \"cpu\" failed: out of memory");
  EXPECT_FALSE(bob_.has("notify.error"));
  rig_.hub->on_render_trouble("another one");
  EXPECT_TRUE(bob_.has("notify.error"));
  bob_.take("notify.error");
  rig_.clock.advance(11s);
  rig_.hub->on_render_trouble("another one");
  EXPECT_TRUE(bob_.has("notify.error"));
}

TEST_F(Hub, WP13_BootstrapWaitsWithoutLimit) {
  Rig rig({}, false);
  Client client = rig.native("ada");
  client.clear();
  rig.room.commit(
      {.changes =
           reduce::replace_scene(*rig.room.ledger().snapshot(), kMainView, reduce::testing::small_scene(), {}).changes,
       .opens = scene::OpKind::Bootstrap});
  rig.clock.advance(10s);
  rig.hub->tick();
  EXPECT_FALSE(client.has("nd.commit"));
  rig.apply_all();
  EXPECT_TRUE(client.has("nd.commit"));
}

// --- WP15 ---------------------------------------------------------------------------------------------------------

class Resume : public Hub {
 protected:
  Client come_back(std::string history_id, std::uint64_t server_seq) {
    Json nd = native_nd("ada");
    nd.set("since", Json::make_object({{"history_id", std::move(history_id)}, {"server_seq", server_seq}}));
    Client client = rig_.connect();
    client.send(hello(hello_payload(), std::move(nd)));
    rig_.settle();
    return client;
  }
  std::string history() { return rig_.room.ledger().history_id(); }
};

TEST_F(Resume, WP15_WhatWasMissedComesMergedAndOnce) {
  ada_.update("dims", "t", "index", 1);
  rig_.settle();
  const std::uint64_t left_at = seq();
  rig_.hub->on_close(ada_.id);
  for (int i = 0; i < 5; ++i) {
    bob_.update("dims", "z", "index", i);
    rig_.settle();
  }
  Client back = come_back(history(), left_at);
  EXPECT_EQ(back.types(), "session.welcome nd.commit nd.presence");
  const Json commit = back.take("nd.commit");
  EXPECT_EQ(at(commit, {"payload", "from"}), Json(left_at));
  EXPECT_EQ(at(commit, {"payload", "server_seq"}), Json(seq()));
  EXPECT_EQ(at(commit, {"payload", "registers"}).size(), 1U);
  EXPECT_EQ(at(register_of(commit, "dims", "z", "index"), {"value"}), Json(4));
  bob_.update("dims", "z", "index", 9);
  EXPECT_TRUE(back.has("nd.commit"));
}

TEST_F(Resume, WP15_AnotherHistoryOrAnUnknownSeqGetsASnapshot) {
  ada_.update("dims", "t", "index", 1);
  rig_.settle();
  EXPECT_TRUE(come_back("another", seq()).has("nd.snapshot"));
  EXPECT_TRUE(come_back(history(), seq() + 1).has("nd.snapshot"));
  EXPECT_TRUE(come_back(history(), 0).has("nd.snapshot")) << "before what is retained";
  EXPECT_TRUE(come_back(history(), seq()).has("nd.commit"));
}

// --- WP18 ---------------------------------------------------------------------------------------------------------

class SlowReader : public Hub {
 protected:
  void move(int z) {
    bob_.update("dims", "z", "index", z);
    rig_.settle();
    bob_.clear();
  }
};

TEST_F(SlowReader, WP18_ALaggardGetsOneFreshSnapshotInsteadOfItsCommits) {
  ada_.sink->is_stuck = true;
  move(1);
  rig_.clock.advance(2s);
  for (int z = 2; z < 10; ++z) move(z);
  EXPECT_EQ(ada_.count("nd.commit"), 1U) << "the one from before it lagged";
  EXPECT_FALSE(ada_.has("nd.snapshot"));
  EXPECT_EQ(text_at(ada_.update("dims", "t", "index", 1), {"payload", "status"}), "accepted") << "acks are kept";
  ada_.sink->is_stuck = false;
  ada_.sink->queued = 0;
  rig_.settle();
  rig_.hub->on_writable(ada_.id);
  EXPECT_EQ(ada_.count("nd.snapshot"), 1U);
  EXPECT_EQ(at(ada_.take("nd.snapshot"), {"payload", "server_seq"}), Json(seq()));
  ada_.clear();
  move(20);
  EXPECT_EQ(ada_.types(), "nd.commit");
}

TEST_F(SlowReader, WP18_NoProgressForTenSecondsClosesWith1013) {
  ada_.sink->is_stuck = true;
  move(1);
  rig_.clock.advance(9s);
  rig_.hub->tick();
  EXPECT_FALSE(ada_.sink->close_code);
  rig_.clock.advance(1s);
  bob_.send(bob_.frame("session.ack", Json::make_object()));
  rig_.hub->tick();
  EXPECT_EQ(ada_.sink->close_code, 1013);
  EXPECT_FALSE(bob_.sink->close_code) << "nobody else is affected";
}

// --- the rest -----------------------------------------------------------------------------------------------------

TEST_F(Hub, ShutDownSaysGoodbyeToEveryone) {
  rig_.hub->shut_down("the server stops");
  EXPECT_TRUE(ada_.has("session.goodbye"));
  EXPECT_EQ(bob_.sink->close_code, 1001);
  EXPECT_EQ(rig_.hub->stats().sessions, 0U);
}

TEST_F(Hub, ClosingASessionReleasesItsRoomThings) {
  rig_.hub->on_close(ada_.id);
  rig_.hub->on_close(ada_.id);
  EXPECT_THAT(rig_.room.closed, ::testing::ElementsAre(ada_.id));
  EXPECT_EQ(rig_.hub->stats().sessions, 1U);
}

}  // namespace
}  // namespace ndcast::session
