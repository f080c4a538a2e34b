// WP8–WP11: state.update and its ack.

#include <algorithm>

#include <gtest/gtest.h>

#include "session/testing.h"

namespace ndcast::session {
namespace {

using namespace ::ndcast::session::testing;

class Updates : public ::testing::Test {
 protected:
  Updates() : ada_(rig_.settled(rig_.native("ada"))), bob_(rig_.settled(rig_.native("bob"))) {}

  Json with(std::string_view member, Json value, std::string_view axis = "z", int index = 7) {
    Json frame = ada_.update_frame("dims", axis, "index", index);
    frame.find("payload")->set(member, std::move(value));
    return frame;
  }
  Json answer(const Json& frame) {
    ada_.send(frame);
    return ada_.take("ack.state");
  }
  std::uint64_t seq() { return rig_.room.ledger().server_seq(); }

  Rig rig_;
  Client ada_;
  Client bob_;
};

std::string status(const Json& ack) { return text_at(ack, {"payload", "status"}); }
std::string code(const Json& ack) { return text_at(ack, {"payload", "error", "code"}); }

TEST_F(Updates, WP8_AnAcceptedUpdateIsAckedWithWhatWasApplied) {
  const Json frame = ada_.update_frame("dims", "z", "index", 1000);
  const Json ack = answer(frame);
  EXPECT_EQ(status(ack), "accepted");
  EXPECT_EQ(at(ack, {"payload", "applied_value"}), Json(49)) << "clamped to the axis";
  EXPECT_EQ(at(ack, {"payload", "version"}), Json(seq()));
  EXPECT_EQ(at(ack, {"payload", "intent_id"}), at(frame, {"intent_id"}));
  EXPECT_EQ(at(ack, {"payload", "in_reply_to"}), at(frame, {"frame_id"}));
  EXPECT_EQ(text_at(ack, {"session"}), ada_.id.value);
}

TEST_F(Updates, WP8_TheAckPrecedesTheBroadcastOfItsEffect) {
  ada_.send(ada_.update_frame("dims", "z", "index", 7));
  EXPECT_EQ(ada_.types(), "ack.state nd.commit");
  EXPECT_EQ(bob_.types(), "nd.commit");
}

TEST_F(Updates, WP8_AcksLeaveInServerSeqOrder) {
  std::vector<std::uint64_t> versions;
  for (int i = 0; i < 20; ++i) {
    versions.push_back(*at(ada_.update("dims", "z", "index", i), {"payload", "version"}).as_uint64());
    versions.push_back(*at(bob_.update("dims", "t", "index", 1 + i % 2), {"payload", "version"}).as_uint64());
  }
  EXPECT_TRUE(std::ranges::is_sorted(versions));
}

TEST_F(Updates, WP8_AnIdenticalValueIsAckedAndChangesNothing) {
  const std::uint64_t before = seq();
  const Json ack = ada_.update("dims", "z", "index", 25);
  EXPECT_EQ(status(ack), "accepted");
  EXPECT_LE(at(ack, {"payload", "version"}).as_uint64().value(), before);
  EXPECT_EQ(seq(), before);
  rig_.settle();
  EXPECT_FALSE(ada_.has("nd.commit"));
}

TEST_F(Updates, WP8_TheSameFrameAgainGetsTheSameAckAndIsNotDoneAgain) {
  const Json frame = ada_.update_frame("dims", "z", "step", 1);
  const Json first = answer(frame);
  const Json second = answer(frame);
  EXPECT_EQ(at(first, {"payload"}), at(second, {"payload"}));
  EXPECT_EQ(at(first, {"payload", "applied_value"}), Json(26));
}

TEST_F(Updates, WP8_AMalformedUpdateThatNamesItsIntentIsRefusedByItsOneAck) {
  Json frame = ada_.update_frame("dims", "z", "index", 7);
  frame.set("payload", 5);
  const Json ack = answer(frame);
  EXPECT_EQ(code(ack), "state.invalid");
  EXPECT_EQ(at(ack, {"payload", "intent_id"}), at(frame, {"intent_id"}));
  EXPECT_TRUE(ada_.sink->frames.empty());
}

TEST_F(Updates, WP8_AnUpdateWithoutItsIdsIsAnErrorNotice) {
  ada_.send(ada_.frame("state.update", Json::make_object()));
  EXPECT_EQ(ada_.types(), "notify.error");
}

TEST_F(Updates, WP8_AnotherSessionsIdIsRefused) {
  Json frame = ada_.update_frame("dims", "z", "index", 7);
  frame.set("session", bob_.id.value);
  const std::uint64_t before = seq();
  EXPECT_EQ(code(answer(frame)), "state.invalid");
  EXPECT_EQ(seq(), before);
}

TEST_F(Updates, WP9_UnknownKeyAndBadValueAreInvalidWithDetails) {
  const Json ack = ada_.update("layer", "layer-0", "foo", 1);
  EXPECT_EQ(code(ack), "state.invalid");
  EXPECT_EQ(text_at(ack, {"payload", "error", "details", "key"}), "foo");
  EXPECT_EQ(code(ada_.update("dims", "z", "index", "three")), "state.invalid");
  EXPECT_EQ(code(ada_.update("dims", "z", "index", true)), "state.invalid");
  EXPECT_EQ(code(ada_.update("view", "main", "order", Json::list(std::vector<int>{0, 0}))), "state.invalid");
}

TEST_F(Updates, WP9_UnknownTargets) {
  EXPECT_EQ(code(ada_.update("dims", "q", "index", 1)), "state.unknown_target");
  EXPECT_EQ(code(ada_.update("layer", "layer-9", "opacity", 0.5)), "state.unknown_target");
}

TEST_F(Updates, WP9_WhatIsNotDoneIsUnsupported) {
  EXPECT_EQ(code(ada_.update("multiscale", "main", "policy", "oversampling")), "state.unsupported");
}

TEST_F(Updates, WP9_AnOlderBaseVersionIsStale) {
  const std::uint64_t version = *at(ada_.update("dims", "z", "index", 7), {"payload", "version"}).as_uint64();
  EXPECT_EQ(code(answer(with("base_version", version - 1, "z", 8))), "state.stale");
  EXPECT_EQ(status(answer(with("base_version", version, "z", 8))), "accepted");
}

TEST_F(Updates, WP9_ClientSeqMustRise) {
  EXPECT_EQ(status(answer(with("client_seq", 5))), "accepted");
  EXPECT_EQ(code(answer(with("client_seq", 5, "z", 9))), "state.stale");
  EXPECT_EQ(code(answer(with("client_seq", 4, "z", 9))), "state.stale");
  EXPECT_EQ(status(answer(with("client_seq", 6, "z", 9))), "accepted");
}

TEST_F(Updates, WP1_AViewerChangesNothingThatOthersSee) {
  Client eve = rig_.settled(rig_.native("eve", auth::Role::Viewer));
  const std::uint64_t before = seq();
  EXPECT_EQ(code(eve.update("dims", "z", "index", 3)), "state.forbidden");
  EXPECT_EQ(code(eve.update("camera", "main", "reset", nullptr)), "state.forbidden");
  EXPECT_EQ(code(eve.update("layer", "layer-0", "opacity", 0.5)), "state.forbidden");
  EXPECT_EQ(seq(), before);
  eve.call("nd.view.fork");
  EXPECT_EQ(status(eve.update("dims", "z", "index", 3)), "accepted");
  EXPECT_EQ(code(eve.update("layer", "layer-0", "opacity", 0.5)), "state.forbidden")
      << "layers are shared by all views";
}

TEST_F(Updates, WP5_ProvenanceTravelsWithTheRegister) {
  Json frame = with("interaction_id", "drag-1");
  frame.find("payload")->set("phase", "update");
  frame.find("payload")->set("client_seq", 3);
  ada_.send(frame);
  const Json mine = register_of(ada_.take("nd.commit"), "dims", "z", "index");
  const Json theirs = register_of(bob_.take("nd.commit"), "dims", "z", "index");
  EXPECT_EQ(text_at(mine, {"actor"}), "ada");
  EXPECT_EQ(text_at(mine, {"origin"}), "client");
  EXPECT_EQ(text_at(mine, {"interaction_id"}), "drag-1");
  EXPECT_EQ(at(mine, {"intent_id"}), at(frame, {"intent_id"}));
  EXPECT_FALSE(theirs.find("intent_id")) << "intent_id is for the session that it came from";
  EXPECT_EQ(text_at(theirs, {"actor"}), "ada");
}

TEST_F(Updates, WP5_AnAgentIsAnAgent) {
  Client agent = rig_.connect();
  agent.send(hello(hello_payload(), native_nd("segmenter", "agent")));
  agent.update("dims", "z", "index", 3);
  rig_.settle();
  EXPECT_EQ(text_at(register_of(bob_.take("nd.commit"), "dims", "z", "index"), {"origin"}), "agent");
}

TEST_F(Updates, WP10_AnOriginalClientCountsTheLevelsSteps) {
  // Level 2 of the y axis has 25 steps of 4; the ledger counts steps of level 0.
  Client original = rig_.settled(rig_.original());
  const Json ack = original.update("dims", "y", "index", 10);
  EXPECT_EQ(at(ack, {"payload", "applied_value"}), Json(10));
  const scene::RegisterId y{scene::Scope::Dims, "y", scene::Key::Index, "main"};
  const auto in_ledger = std::get<std::int64_t>(rig_.room.ledger().find(y)->value);
  EXPECT_GE(in_ledger, 40);
  EXPECT_LT(in_ledger, 44);
  rig_.settle();
  EXPECT_EQ(at(original.take("notify.dims"), {"payload", "current_step"}).array().at(2), Json(10));
}

TEST_F(Updates, WP11_ACameraVerbIsQueuedAndItsVersionIsTheCameraSeq) {
  const std::uint64_t before = seq();
  const Json ack =
      ada_.update("camera", "main", "zoom",
                  Json::make_object({{"factor", 0.5}, {"anchor_px", Json::list(std::vector<int>{10, 20})}}));
  EXPECT_EQ(status(ack), "accepted");
  EXPECT_EQ(at(ack, {"payload", "version"}), Json(1));
  EXPECT_EQ(at(ack, {"payload", "applied_value", "factor"}), Json(0.5));
  ASSERT_EQ(rig_.room.camera_verbs.size(), 1U);
  EXPECT_EQ(std::get<scene::ZoomVerb>(rig_.room.camera_verbs[0].first).factor, 0.5);
  EXPECT_EQ(rig_.room.camera_verbs[0].second.session, ada_.id.value);
  EXPECT_EQ(seq(), before) << "control computes no pose";
}

TEST_F(Updates, WP11_OrbitIsRefusedInTwoDimensions) {
  const Json ack = ada_.update("camera", "main", "orbit", Json::make_object({{"d_az_deg", 1}, {"d_el_deg", 1}}));
  EXPECT_EQ(status(ack), "rejected");
  EXPECT_TRUE(rig_.room.camera_verbs.empty());
}

Json canvas(int width, int height) { return Json::make_object({{"width", width}, {"height", height}, {"dpr", 1.0}}); }

TEST_F(Updates, TheCanvasIsThatOfTheSessionThatInteractedLast) {
  const scene::RegisterId id{scene::Scope::View, "main", scene::Key::CanvasSize, {}};
  const auto width = [&] { return std::get<scene::Canvas>(rig_.room.ledger().find(id)->value).width; };
  EXPECT_EQ(at(ada_.update("view", "main", "canvas", canvas(800, 600)), {"payload", "applied_value", "width"}),
            Json(800));
  // Bob's page opens beside: it is told what there is, and resizes nothing.
  const Json ack = bob_.update("view", "main", "canvas", canvas(400, 300));
  EXPECT_EQ(status(ack), "accepted");
  EXPECT_EQ(at(ack, {"payload", "applied_value", "width"}), Json(800));
  EXPECT_EQ(width(), 800);
  bob_.update("dims", "z", "index", 3);
  EXPECT_EQ(width(), 400);
  ada_.update("camera", "main", "reset", nullptr);
  EXPECT_EQ(width(), 800);
  rig_.hub->on_close(ada_.id);
  bob_.update("view", "main", "canvas", canvas(500, 300));
  EXPECT_EQ(width(), 500);
}

}  // namespace
}  // namespace ndcast::session
