// What sessions see of the journal: nothing is told before it is kept, what they did can be taken back, and who did
// what can be asked.

#include <gtest/gtest.h>

#include "session/testing.h"

namespace ndcast::session::testing {
namespace {

std::vector<std::string> types_in_order(const Client& client) {
  std::vector<std::string> types;
  for (const Json& frame : client.sink->frames) types.push_back(type_of(frame));
  return types;
}

TEST(Outbox, WP26_NothingIsToldBeforeItIsKept) {
  Rig rig;
  Client ada = rig.settled(rig.native("ada"));
  Client bob = rig.settled(rig.native("bob"));
  rig.room.has_slow_disk = true;
  rig.room.durable = rig.room.ledger().server_seq();
  ada.send(ada.update_frame("dims", "z", "index", 7));
  const std::uint64_t first = rig.room.ledger().server_seq();
  bob.send(bob.update_frame("layer", "layer-0", "gamma", 0.5));
  const std::uint64_t second = rig.room.ledger().server_seq();
  rig.settle();
  EXPECT_EQ(ada.types(), "");
  EXPECT_EQ(bob.types(), "");
  rig.room.keep_up_to(first - 1);
  EXPECT_EQ(ada.types(), "");
  rig.room.keep_up_to(first);
  EXPECT_EQ(types_in_order(ada), (std::vector<std::string>{"ack.state", "nd.commit"}))
      << "the second update and its flush wait on";
  EXPECT_EQ(bob.types(), "nd.commit");
  rig.room.keep_up_to(second);
  EXPECT_EQ(types_in_order(bob), (std::vector<std::string>{"nd.commit", "ack.state", "nd.commit"}));
  EXPECT_EQ(types_in_order(ada), (std::vector<std::string>{"ack.state", "nd.commit", "nd.commit"}));
}

TEST(Outbox, WP26_ADragIsAckedAtOnceButNotBeforeWhatCameEarlier) {
  Rig rig;
  Client ada = rig.settled(rig.native("ada"));
  rig.room.has_slow_disk = true;
  rig.room.durable = rig.room.ledger().server_seq();
  const auto drag = [&](std::int64_t z) {
    Json frame = ada.update_frame("dims", "z", "index", z);
    Json payload = *frame.find("payload");
    payload.set("phase", "update");
    payload.set("interaction_id", "drag-1");
    frame.set("payload", std::move(payload));
    ada.send(frame);
  };
  drag(3);
  EXPECT_EQ(ada.count("ack.state"), 1U);
  ada.send(ada.update_frame("layer", "layer-0", "gamma", 0.5));
  const std::uint64_t waits = rig.room.ledger().server_seq();
  drag(4);
  EXPECT_EQ(ada.count("ack.state"), 1U);
  rig.room.keep_up_to(waits);
  EXPECT_EQ(ada.count("ack.state"), 3U);
  std::uint64_t last = 0;
  for (const Json& frame : ada.sink->frames) {
    if (type_of(frame) != "ack.state") continue;
    const auto version = at(frame, {"payload", "version"}).as_uint64();
    ASSERT_TRUE(version);
    EXPECT_GT(*version, last);
    last = *version;
  }
}

TEST(Outbox, WP26_ConnectionsDoNotWaitForTheDisk) {
  Rig rig;
  Client ada = rig.settled(rig.native("ada"));
  Client bob = rig.settled(rig.native("bob"));
  rig.room.has_slow_disk = true;
  rig.room.durable = rig.room.ledger().server_seq();
  ada.send(ada.update_frame("dims", "z", "index", 7));
  rig.clock.advance(limits::kHeartbeatInterval);
  rig.hub->tick();
  EXPECT_TRUE(bob.has("session.heartbeat"));
  Client late = rig.native("late");
  EXPECT_EQ(late.types(), "session.welcome nd.presence") << "its snapshot shows what is not kept yet";
  ada.send(ada.frame("session.goodbye", Json::make_object()));
  EXPECT_TRUE(ada.has("session.goodbye"));
  rig.room.keep_up_to(rig.room.ledger().server_seq());
  rig.settle();
  EXPECT_TRUE(late.has("nd.snapshot"));
  EXPECT_FALSE(ada.has("ack.state")) << "it left before its change was kept";
}

TEST(Outbox, WP28_ADegradedJournalHoldsNobodyUpAndEverybodyIsTold) {
  Rig rig;
  Client ada = rig.settled(rig.native("ada"));
  rig.room.has_slow_disk = true;
  ada.send(ada.update_frame("dims", "z", "index", 7));
  EXPECT_EQ(ada.types(), "");
  rig.room.awaited = 0;
  rig.hub->on_durability("disk full");
  rig.hub->on_durable();
  EXPECT_EQ(types_in_order(ada), (std::vector<std::string>{"ack.state", "nd.commit", "notify.error"}));
  const Json notice = ada.take("notify.error");
  EXPECT_EQ(text_at(notice, {"payload", "code"}), "durability.degraded");
  EXPECT_NE(text_at(notice, {"payload", "message"}).find("disk full"), std::string::npos);
}

TEST(JournalledHub, WP28_ARenewedHistoryIsAFreshSnapshot) {
  Rig rig;
  Client ada = rig.settled(rig.native("ada"));
  rig.room.ledger().renew_history();
  rig.hub->on_history_renewed();
  rig.settle();
  EXPECT_EQ(text_at(ada.take("nd.snapshot"), {"payload", "history_id"}), rig.room.ledger().history_id());
}

// --- undo -----------------------------------------------------------------------------------------------------------

Json result_of(Client& client, std::string_view command, Json kwargs = Json::make_object()) {
  client.call(command, std::move(kwargs));
  return at(client.take("reply.command"), {"payload", "result"});
}

std::int64_t z_of(Rig& rig) {
  return std::get<std::int64_t>(rig.room.ledger().find({scene::Scope::Dims, "z", scene::Key::Index, "main"})->value);
}
double gamma_of(Rig& rig) {
  return std::get<double>(rig.room.ledger().find({scene::Scope::Layer, "layer-0", scene::Key::Gamma, ""})->value);
}

Json drag_frame(Client& client, std::int64_t z, std::string_view phase, std::string_view interaction) {
  Json frame = client.update_frame("dims", "z", "index", z);
  Json payload = *frame.find("payload");
  payload.set("phase", phase);
  payload.set("interaction_id", interaction);
  frame.set("payload", std::move(payload));
  return frame;
}

TEST(Undo, WP27_GoesBackAndForthStepByStep) {
  Rig rig;
  Client ada = rig.settled(rig.native("ada"));
  const std::int64_t before = z_of(rig);
  ada.update("dims", "z", "index", 7);
  ada.update("dims", "z", "index", 9);
  ada.update("layer", "layer-0", "gamma", 0.5);
  result_of(ada, "nd.undo");
  EXPECT_EQ(gamma_of(rig), 1.0);
  EXPECT_EQ(z_of(rig), 9);
  const Json second = result_of(ada, "nd.undo");
  EXPECT_EQ(z_of(rig), 7);
  EXPECT_EQ(at(second, {"undo_steps"}).as_int64(), 1);
  EXPECT_EQ(at(second, {"redo_steps"}).as_int64(), 2);
  result_of(ada, "nd.undo");
  EXPECT_EQ(z_of(rig), before);
  EXPECT_EQ(at(result_of(ada, "nd.undo"), {"changed"}).size(), 0U) << "nothing is left";
  result_of(ada, "nd.redo");
  EXPECT_EQ(z_of(rig), 7);
  result_of(ada, "nd.redo");
  EXPECT_EQ(z_of(rig), 9);
  result_of(ada, "nd.undo");
  EXPECT_EQ(z_of(rig), 7);
  result_of(ada, "nd.redo");
  result_of(ada, "nd.redo");
  EXPECT_EQ(gamma_of(rig), 0.5);
  const ledger::Register* z = rig.room.ledger().find({scene::Scope::Dims, "z", scene::Key::Index, "main"});
  EXPECT_EQ(z->author->actor, "ada");
  EXPECT_EQ(z->author->intent_id, "nd.undo");
}

TEST(Undo, WP27_AnInteractionIsOneStep) {
  Rig rig;
  Client ada = rig.settled(rig.native("ada"));
  ada.update("layer", "layer-0", "gamma", 0.5);
  const std::int64_t before = z_of(rig);
  ada.send(drag_frame(ada, 3, "start", "d"));
  for (std::int64_t z = 4; z < 20; ++z) ada.send(drag_frame(ada, z, "update", "d"));
  ada.send(drag_frame(ada, 20, "commit", "d"));
  result_of(ada, "nd.undo");
  EXPECT_EQ(z_of(rig), before);
  EXPECT_EQ(gamma_of(rig), 0.5);
  result_of(ada, "nd.redo");
  EXPECT_EQ(z_of(rig), 20);
}

TEST(Undo, WP27_WhatSomebodyElseChangedSinceIsLeft) {
  Rig rig;
  Client ada = rig.settled(rig.native("ada"));
  Client bob = rig.settled(rig.native("bob"));
  ada.update("layer", "layer-0", "gamma", 0.5);
  bob.update("layer", "layer-0", "gamma", 0.7);
  const Json left = result_of(ada, "nd.undo");
  EXPECT_EQ(gamma_of(rig), 0.7);
  ASSERT_EQ(at(left, {"left"}).size(), 1U);
  EXPECT_EQ(text_at(at(left, {"left"}).array()[0], {"actor"}), "bob");
  result_of(bob, "nd.undo");
  EXPECT_EQ(gamma_of(rig), 0.5) << "bob's own comes back off";
  EXPECT_EQ(at(result_of(bob, "nd.undo"), {"changed"}).size(), 0U) << "what ada did is not bob's";
  // Own changes around another's: the other's stays.
  ada.update("dims", "z", "index", 3);
  bob.update("dims", "z", "index", 5);
  ada.update("dims", "z", "index", 8);
  result_of(ada, "nd.undo");
  EXPECT_EQ(z_of(rig), 5);
  EXPECT_EQ(at(result_of(ada, "nd.undo"), {"left"}).size(), 1U);
  EXPECT_EQ(z_of(rig), 5);
}

TEST(Undo, WP27_ANewChangeEndsRedo) {
  Rig rig;
  Client ada = rig.settled(rig.native("ada"));
  ada.update("dims", "z", "index", 3);
  result_of(ada, "nd.undo");
  ada.update("layer", "layer-0", "gamma", 0.5);
  EXPECT_EQ(at(result_of(ada, "nd.redo"), {"changed"}).size(), 0U);
}

TEST(Undo, WP27_AToggleIsUndoneAsAToggle) {
  Rig rig;
  Client ada = rig.settled(rig.native("ada"));
  ada.update("view", "main", "ndisplay", 3);
  rig.apply_all();
  result_of(ada, "nd.undo");
  const auto op = rig.room.ledger().snapshot()->find_view(scene::kMainView)->op;
  EXPECT_EQ(op->kind, scene::OpKind::ViewToggle);
  EXPECT_EQ(rig.room.ledger().snapshot()->find_view(scene::kMainView)->view->mode, scene::Mode::Plane);
}

TEST(Undo, WP27_ACameraGoesBackToTheMintedPose) {
  Rig rig;
  Client ada = rig.settled(rig.native("ada"));
  Client bob = rig.settled(rig.native("bob"));
  const scene::PlanePose start = rig.room.ledger().snapshot()->find_view(scene::kMainView)->camera->plane;
  const Json pan = Json::make_object({{"dx_px", 10.0}, {"dy_px", 5.0}});
  ada.update("camera", "main", "pan", pan);
  scene::PlanePose moved = start;
  moved.rect[0] += 4;
  rig.report(reduce::applied_pose(*rig.room.ledger().snapshot(), scene::kMainView, moved));
  const Json undone = result_of(ada, "nd.undo");
  EXPECT_TRUE(undone.find("camera_seq"));
  ASSERT_EQ(rig.room.camera_verbs.size(), 2U);
  const auto* set = std::get_if<scene::SetPoseVerb>(&rig.room.camera_verbs.back().first);
  ASSERT_TRUE(set && set->rect);
  EXPECT_EQ(*set->rect, start.rect);
  rig.report(reduce::applied_pose(*rig.room.ledger().snapshot(), scene::kMainView, start));
  result_of(ada, "nd.redo");
  EXPECT_EQ(std::get<scene::SetPoseVerb>(rig.room.camera_verbs.back().first).rect, moved.rect);
  ada.update("camera", "main", "pan", pan);
  bob.update("camera", "main", "pan", pan);
  EXPECT_EQ(at(result_of(ada, "nd.undo"), {"left"}).size(), 1U);
}

TEST(Undo, WP27_OnlyUpdatesAreSteps) {
  Rig rig;
  Client ada = rig.settled(rig.native("ada"));
  ada.update("layer", "layer-0", "gamma", 0.5);
  result_of(ada, "nd.view.fork");
  result_of(ada, "nd.view.close");
  const Json undone = result_of(ada, "nd.undo");
  EXPECT_EQ(gamma_of(rig), 1.0) << to_string(undone);
  EXPECT_EQ(at(undone, {"undo_steps"}).as_int64(), 0);
}

TEST(Undo, WP32_ACameraThatIsLeftIsNamedAsItsReaderCallsIt) {
  Rig rig;
  Client ada = rig.settled(rig.native("ada"));
  Client bob = rig.settled(rig.native("bob"));
  const std::string view = text_at(result_of(ada, "nd.view.fork"), {"view"});
  const Json pan = Json::make_object({{"dx_px", 10.0}, {"dy_px", 5.0}});
  ada.update("camera", "main", "pan", pan);
  bob.update("camera", view, "pan", pan);
  const Json left = at(result_of(ada, "nd.undo"), {"left"});
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(text_at(left.array()[0], {"target"}), "main");
}

TEST(Undo, WP1_AViewerTakesBackNothingWhereOthersLiveByNow) {
  Rig rig;
  Client eve = rig.settled(rig.native("eve", auth::Role::Viewer));
  const scene::ViewId view{text_at(result_of(eve, "nd.view.fork"), {"view"})};
  rig.apply_all(view);
  EXPECT_EQ(text_at(eve.update("dims", "z", "index", 9), {"payload", "status"}), "accepted");
  result_of(eve, "nd.view.fork");  // another home
  const Json undone = result_of(eve, "nd.undo");
  EXPECT_EQ(at(undone, {"changed"}).size(), 0U);
  EXPECT_EQ(at(undone, {"left"}).size(), 1U);
  EXPECT_EQ(rig.room.ledger().snapshot()->find_view(view)->index->value[1], 9);
}

TEST(Undo, WP27_AnotherSceneLeavesNothingToUndo) {
  Rig rig;
  Client ada = rig.settled(rig.native("ada"));
  ada.update("dims", "z", "index", 3);
  reduce::Reduction next = reduce::replace_scene(*rig.room.ledger().snapshot(), scene::kMainView,
                                                 reduce::testing::small_scene(), scene::Canvas{});
  next.changes.push_back({{scene::Scope::Scene, "main", scene::Key::Source, {}},
                          scene::Source{scene::SourceStatus::Ready, "mem://other", "other", ""}});
  rig.room.commit({.changes = std::move(next.changes), .opens = next.opens});
  EXPECT_EQ(at(result_of(ada, "nd.undo"), {"changed"}).size(), 0U);
}

// --- history --------------------------------------------------------------------------------------------------------

TEST(HistoryCommand, WP29_EntriesNameWhoChangedWhat) {
  Rig rig;
  Client ada = rig.settled(rig.native("ada"));
  rig.room.history = {{.server_seq = 9,
                       .unix_s = 2.5,
                       .actor = "bob",
                       .origin = ledger::Origin::Client,
                       .intent_id = "bob's secret",
                       .interaction_id = "d",
                       .changes = R"([{"scope":"dims","target":"z","view":"main","key":"index","old":1,"new":2}])"},
                      {.server_seq = 8, .actor = "x", .changes = "no JSON"}};
  const Json page = result_of(ada, "nd.history", Json::make_object({{"limit", 2}, {"cursor", "10"}, {"actor", "bob"}}));
  ASSERT_EQ(rig.room.history_requests.size(), 1U);
  EXPECT_EQ(rig.room.history_requests[0].before_seq, 10U);
  EXPECT_EQ(rig.room.history_requests[0].limit, 2U);
  EXPECT_EQ(rig.room.history_requests[0].actor, "bob");
  EXPECT_EQ(text_at(page, {"next_cursor"}), "8");
  EXPECT_EQ(text_at(page, {"durability"}), "none");
  const Json first = at(page, {"entries"}).array()[0];
  EXPECT_EQ(to_string(first), R"({"server_seq":9,"unix_s":2.5,"actor":"bob","origin":"client","interaction_id":"d",)"
                              R"("changes":[{"scope":"dims","target":"z","key":"index","old":1,"new":2}]})");
  const Json second = at(page, {"entries"}).array()[1];
  EXPECT_TRUE(second.find("unreadable"));
}

TEST(HistoryCommand, WP29_BadArgumentsAreRefusedAndTheLimitIsCapped) {
  Rig rig;
  Client ada = rig.settled(rig.native("ada"));
  ada.call("nd.history", Json::make_object({{"cursor", "x"}}));
  EXPECT_EQ(text_at(ada.take("error.command"), {"payload", "code"}), "command.invalid");
  result_of(ada, "nd.history", Json::make_object({{"limit", 1'000'000}}));
  EXPECT_EQ(rig.room.history_requests.back().limit, limits::kHistoryPage);
}

}  // namespace
}  // namespace ndcast::session::testing
