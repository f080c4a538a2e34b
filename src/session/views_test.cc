// WP32: several views over the same layers, as their clients see them.

#include <gtest/gtest.h>

#include "base/limits.h"
#include "session/testing.h"

namespace ndcast::session {
namespace {

using namespace ::ndcast::session::testing;
using namespace scene;

std::string code_of(const Json& frame) { return text_at(frame, {"payload", "code"}); }

/// The register in the newest of the client's commits that has it; takes the commits.
Json newest(Client& client, std::string_view scope, std::string_view target, std::string_view key) {
  Json found;
  while (client.has("nd.commit")) {
    Json row = register_of(client.take("nd.commit"), scope, target, key);
    if (!row.is_null()) found = std::move(row);
  }
  return found;
}

class ViewsTest : public ::testing::Test {
 protected:
  /// The reply's result; a refusal fails the test.
  Json ok(Client& client, std::string_view command, Json kwargs = Json::make_object()) {
    client.call(command, std::move(kwargs));
    const Json reply = client.take("reply.command");
    return reply.is_null() ? reply : at(reply, {"payload", "result"});
  }
  Json refused(Client& client, std::string_view command, Json kwargs = Json::make_object()) {
    client.call(command, std::move(kwargs));
    return client.take("error.command");
  }
  /// Forks what the client sees; the render thread has applied it and the client was told.
  ViewId fork(Client& client) {
    const ViewId view{text_at(ok(client, "nd.view.fork"), {"view"})};
    told(view);
    return view;
  }
  void told(const ViewId& view) {
    rig_.apply_all(view);
    rig_.settle();
  }
  const ViewState* view(const ViewId& id) { return rig_.room.ledger().snapshot()->find_view(id); }
  std::int64_t z(const ViewId& id) { return view(id)->index->value[1]; }

  Rig rig_;
  Client ada_ = rig_.settled(rig_.native("ada"));
  Client bob_ = rig_.settled(rig_.native("bob"));
};

TEST_F(ViewsTest, WP32_AForkIsACopyThatTheCallerSeesAndCallsMain) {
  ada_.update("dims", "z", "index", 7);
  rig_.settle();
  ada_.clear();
  bob_.clear();
  const Json reply = ok(ada_, "nd.view.fork", Json::make_object({{"name", "ada's corner"}}));
  const ViewId id{text_at(reply, {"view"})};
  EXPECT_NE(id, kMainView);
  ASSERT_TRUE(view(id));
  EXPECT_EQ(z(id), 7);
  EXPECT_EQ(view(id)->camera->plane, view(kMainView)->camera->plane) << "poses are copied as they were minted";
  EXPECT_EQ(view(id)->camera->volume, view(kMainView)->camera->volume);
  EXPECT_EQ(*view(id)->volume_restore, *view(kMainView)->volume_restore);
  EXPECT_EQ(*view(id)->meta, (ViewMeta{"ada's corner", "ada"}));
  EXPECT_EQ(view(id)->op->kind, OpKind::ViewFork);
  ASSERT_EQ(rig_.room.moves.size(), 1U);
  EXPECT_EQ(rig_.room.moves[0].session, ada_.id);
  EXPECT_EQ(rig_.room.moves[0].view, id);
  EXPECT_EQ(rig_.room.moves[0].binding, 1);

  rig_.settle();
  EXPECT_FALSE(ada_.has("nd.snapshot")) << "not before the render thread has applied it";
  EXPECT_FALSE(bob_.has("nd.commit"));
  told(id);
  const Json snapshot = ada_.take("nd.snapshot");
  EXPECT_EQ(text_at(snapshot, {"payload", "view"}), id.value);
  EXPECT_EQ(at(snapshot, {"payload", "binding"}).as_uint64(), 1U);
  EXPECT_EQ(text_at(register_of(snapshot, "view", "main", "meta"), {"value", "owner"}), "ada");
  EXPECT_EQ(at(register_of(snapshot, "dims", "room/z", "index"), {"value"}).as_int64(), 7);
  EXPECT_FALSE(register_of(snapshot, "view", "room", "ndisplay").is_null()) << "the room's first view";
  const Json commit = bob_.take("nd.commit");
  EXPECT_FALSE(register_of(commit, "view", id.value, "ndisplay").is_null());
  EXPECT_EQ(at(register_of(commit, "dims", id.value + "/z", "index"), {"value"}).as_int64(), 7);
}

TEST_F(ViewsTest, WP32_EachViewMovesByItself) {
  const ViewId id = fork(ada_);
  ada_.clear();
  bob_.clear();
  EXPECT_EQ(text_at(ada_.update("dims", "z", "index", 9), {"payload", "status"}), "accepted");
  bob_.update("dims", "z", "index", 3);
  EXPECT_EQ(z(id), 9);
  EXPECT_EQ(z(kMainView), 3);
  rig_.settle();
  EXPECT_EQ(at(newest(ada_, "dims", "z", "index"), {"value"}).as_int64(), 9);
  EXPECT_EQ(at(newest(bob_, "dims", "z", "index"), {"value"}).as_int64(), 3);
  ada_.update("view", "main", "ndisplay", 3);
  EXPECT_EQ(view(id)->view->mode, Mode::Volume);
  EXPECT_EQ(view(kMainView)->view->mode, Mode::Plane);
}

TEST_F(ViewsTest, WP32_LayersAreShared) {
  fork(ada_);
  ada_.clear();
  bob_.clear();
  ada_.update("layer", "layer-0", "gamma", 0.5);
  rig_.settle();
  EXPECT_EQ(at(register_of(bob_.take("nd.commit"), "layer", "layer-0", "gamma"), {"value"}).as_double(), 0.5);
}

TEST_F(ViewsTest, WP32_AnotherViewIsNamedByItsIdAndMovedByEditorsOnly) {
  const ViewId id = fork(ada_);
  Client eve = rig_.settled(rig_.native("eve", auth::Role::Viewer));
  EXPECT_EQ(text_at(eve.update("dims", id.value + "/z", "index", 4), {"payload", "error", "code"}), "state.forbidden");
  EXPECT_EQ(text_at(eve.update("view", id.value, "ndisplay", 3), {"payload", "error", "code"}), "state.forbidden");
  EXPECT_EQ(text_at(bob_.update("dims", id.value + "/z", "index", 4), {"payload", "status"}), "accepted");
  EXPECT_EQ(z(id), 4);
  EXPECT_EQ(text_at(ada_.update("dims", "room/z", "index", 11), {"payload", "status"}), "accepted");
  EXPECT_EQ(z(kMainView), 11);
  EXPECT_EQ(text_at(bob_.update("view", "view-none", "ndisplay", 3), {"payload", "error", "code"}),
            "state.unknown_target");
}

TEST_F(ViewsTest, WP13_ASharedChangeIsNotHeldByAnotherViewsOp) {
  const ViewId id = fork(ada_);
  ada_.clear();
  bob_.clear();
  ada_.update("view", "main", "ndisplay", 3);
  bob_.update("layer", "layer-0", "gamma", 0.7);
  bob_.update("dims", "z", "index", 2);
  rig_.settle();
  std::string told_registers;
  while (bob_.has("nd.commit")) told_registers += to_string(bob_.take("nd.commit"));
  EXPECT_NE(told_registers.find("\"gamma\""), std::string::npos);
  EXPECT_NE(told_registers.find("\"target\":\"z\",\"key\":\"index\""), std::string::npos);
  EXPECT_EQ(told_registers.find("\"ndisplay\""), std::string::npos) << "held by its own op";
  Client late = rig_.native("late");
  rig_.settle();
  EXPECT_TRUE(late.has("nd.snapshot")) << "nor is a newcomer to another view";
  told(id);
  EXPECT_FALSE(newest(bob_, "view", id.value, "ndisplay").is_null());
}

TEST_F(ViewsTest, WP32_FollowingShowsTheOthersViewAndAnOwnMoveLeavesIt) {
  const ViewId id = fork(ada_);
  ada_.update("dims", "z", "index", 30);
  rig_.settle();
  bob_.clear();
  const Json reply = ok(bob_, "nd.view.follow", Json::make_object({{"view", id.value}}));
  EXPECT_EQ(text_at(reply, {"view"}), id.value);
  rig_.settle();
  const Json snapshot = bob_.take("nd.snapshot");
  EXPECT_EQ(text_at(snapshot, {"payload", "view"}), id.value);
  EXPECT_EQ(at(register_of(snapshot, "dims", "z", "index"), {"value"}).as_int64(), 30);
  bob_.update("layer", "layer-0", "gamma", 0.4);
  bob_.update("view", "main", "canvas", Json::make_object({{"width", 640}, {"height", 480}, {"dpr", 1.0}}));
  EXPECT_EQ(rig_.room.moves.size(), 2U) << "neither a layer nor the size of a window is a move";
  EXPECT_EQ(view(id)->view->canvas, Canvas{}) << "who follows gives no canvas";

  const Json ack = bob_.update("dims", "t", "index", 2);
  EXPECT_EQ(text_at(ack, {"payload", "status"}), "accepted");
  ASSERT_EQ(rig_.room.moves.size(), 3U);
  const ViewId own = rig_.room.moves[2].view;
  EXPECT_NE(own, id);
  EXPECT_NE(own, kMainView) << "so that nobody in the room's view is moved";
  EXPECT_EQ(z(own), 30) << "goes on from what was followed";
  EXPECT_EQ(view(own)->index->value[0], 2) << "and the move is applied to it";
  EXPECT_EQ(view(id)->index->value[0], 0);
  EXPECT_EQ(view(kMainView)->index->value[0], 0);
  EXPECT_EQ(view(own)->view->canvas.width, 640) << "with a picture of its own window's size";
  told(own);
  EXPECT_EQ(text_at(bob_.take("nd.snapshot"), {"payload", "view"}), own.value);
}

TEST_F(ViewsTest, WP32_WhoHasAForkReturnsToItFromFollowing) {
  const ViewId id = fork(ada_);
  const ViewId own = fork(bob_);
  ada_.update("dims", "z", "index", 41);
  ok(bob_, "nd.view.follow", Json::make_object({{"view", id.value}}));
  rig_.settle();
  bob_.update("dims", "t", "index", 1);
  EXPECT_EQ(rig_.room.moves.back().view, own);
  EXPECT_EQ(z(own), 41);
  EXPECT_EQ(view(own)->op->kind, OpKind::ViewFork);
  EXPECT_EQ(*view(own)->meta, (ViewMeta{"", "bob"}));
}

TEST_F(ViewsTest, WP32_ARefusedMoveLeavesNothing) {
  const ViewId id = fork(ada_);
  ok(bob_, "nd.view.follow", Json::make_object({{"view", id.value}}));
  rig_.settle();
  EXPECT_EQ(text_at(bob_.update("dims", "nowhere", "index", 2), {"payload", "error", "code"}), "state.unknown_target");
  EXPECT_EQ(text_at(bob_.update("camera", "main", "orbit", Json::make_object({{"d_az_deg", 1}, {"d_el_deg", 1}})),
                    {"payload", "error", "code"}),
            "state.invalid");
  EXPECT_EQ(rig_.room.moves.back().view, id);
}

TEST_F(ViewsTest, WP32_ASettingOfTheRoomIsNoMove) {
  const ViewId id = fork(ada_);
  ok(bob_, "nd.view.follow", Json::make_object({{"view", id.value}}));
  bob_.update("settings", "main", "fps_target", 30);
  EXPECT_EQ(rig_.room.moves.back().view, id);
}

TEST_F(ViewsTest, WP32_AMoveThatFindsNoRoomGoesOnFollowing) {
  const ViewId id = fork(ada_);
  std::vector<Client> others;
  while (rig_.room.ledger().snapshot()->views.size() < limits::kViewsPerRoom) {
    others.push_back(rig_.native("other"));
    fork(others.back());
  }
  ok(bob_, "nd.view.follow", Json::make_object({{"session", ada_.id.value}}));
  EXPECT_EQ(text_at(bob_.update("dims", "z", "index", 2), {"payload", "status"}), "rejected");
  ok(ada_, "nd.view.follow", Json::make_object({{"view", "room"}}));
  EXPECT_EQ(rig_.hub->bound_view(bob_.id)->view, kMainView) << "goes where ada goes";
  EXPECT_TRUE(view(id));
}

TEST_F(ViewsTest, WP32_WhenAViewClosesWhoFollowsSomebodyGoesAlong) {
  const ViewId id = fork(ada_);
  const ViewId home = fork(bob_);
  std::vector<Client> along;
  for (int i = 0; i < 8; ++i) {
    along.push_back(rig_.settled(rig_.native("along")));
    ok(along.back(), "nd.view.follow", Json::make_object({{"session", bob_.id.value}}));
  }
  ok(bob_, "nd.view.follow", Json::make_object({{"view", id.value}}));
  ok(ada_, "nd.view.close");
  EXPECT_EQ(rig_.hub->bound_view(bob_.id)->view, home);
  for (const Client& client : along) EXPECT_EQ(rig_.hub->bound_view(client.id)->view, home);
}

TEST_F(ViewsTest, WP32_WhoFollowEachOtherInAViewThatClosesGoHome) {
  const ViewId id = fork(ada_);
  const ViewId home = fork(bob_);
  Client cyd = rig_.settled(rig_.native("cyd"));
  ok(bob_, "nd.view.follow", Json::make_object({{"session", cyd.id.value}}));
  ok(cyd, "nd.view.follow", Json::make_object({{"view", id.value}}));
  ok(cyd, "nd.view.follow", Json::make_object({{"session", bob_.id.value}}));
  EXPECT_EQ(rig_.hub->bound_view(bob_.id)->view, id);
  ok(ada_, "nd.view.close");
  EXPECT_EQ(rig_.hub->bound_view(bob_.id)->view, home);
  EXPECT_EQ(rig_.hub->bound_view(cyd.id)->view, kMainView);
}

TEST_F(ViewsTest, WP1_AViewerWhoLeavesAFollowMovesNobodyAtItsHome) {
  const ViewId id = fork(ada_);
  Json nd = native_nd("eve");
  nd.set("view", id.value);
  Client eve = rig_.connect({.authorised = auth::Role::Viewer, .remote = "test"});
  eve.send(hello(hello_payload(), nd));
  rig_.settle();
  ok(eve, "nd.view.follow", Json::make_object({{"view", "room"}}));
  const std::int64_t before = z(id);
  bob_.update("dims", "z", "index", 3);
  EXPECT_EQ(text_at(eve.update("dims", "t", "index", 2), {"payload", "status"}), "accepted");
  EXPECT_EQ(z(id), before);
  EXPECT_NE(rig_.hub->bound_view(eve.id)->view, id);
  EXPECT_EQ(z(rig_.hub->bound_view(eve.id)->view), 3);
}

TEST_F(ViewsTest, WP14_WhetherSomebodyFollowsIsToldThoughTheViewStays) {
  const auto follows = [&](const Client& who) {
    rig_.clock.advance(1s);
    rig_.settle();
    std::optional<bool> told;
    while (ada_.has("nd.presence")) {
      const Json everybody = at(ada_.take("nd.presence"), {"payload", "here"});
      for (const Json& here : everybody.array()) {
        if (text_at(here, {"session"}) == who.id.value) told = here.find("follows")->boolean();
      }
    }
    return told;
  };
  Client cyd = rig_.settled(rig_.native("cyd"));
  ok(bob_, "nd.view.follow", Json::make_object({{"session", cyd.id.value}}));
  EXPECT_EQ(follows(bob_), true) << "both see the room's view";
  bob_.update("dims", "z", "index", 3);
  EXPECT_EQ(follows(bob_), false);
  ok(bob_, "nd.view.follow", Json::make_object({{"session", cyd.id.value}}));
  follows(bob_);
  rig_.hub->on_close(cyd.id);
  EXPECT_EQ(follows(bob_), false) << "there is nobody any more to go along with";
}

TEST_F(ViewsTest, WP32_FollowingASessionGoesWhereItGoes) {
  ok(bob_, "nd.view.follow", Json::make_object({{"session", ada_.id.value}}));
  EXPECT_TRUE(rig_.room.moves.empty()) << "both see the room's view";
  const ViewId id = fork(ada_);
  ASSERT_EQ(rig_.room.moves.size(), 2U);
  EXPECT_EQ(rig_.room.moves[1].session, bob_.id);
  EXPECT_EQ(rig_.room.moves[1].view, id);
  // In a circle, too.
  ok(ada_, "nd.view.follow", Json::make_object({{"session", bob_.id.value}}));
  ada_.update("dims", "z", "index", 8);
  EXPECT_EQ(z(id), 8) << "ada is at home";
  EXPECT_EQ(code_of(refused(bob_, "nd.view.follow", Json::make_object({{"session", "nobody"}}))), "command.invalid");
  EXPECT_EQ(code_of(refused(bob_, "nd.view.follow", Json::make_object({{"session", bob_.id.value}}))),
            "command.invalid");
  EXPECT_EQ(code_of(refused(bob_, "nd.view.follow")), "command.invalid");
  EXPECT_EQ(code_of(refused(bob_, "nd.view.follow", Json::make_object({{"view", "view-none"}}))), "command.invalid");
}

TEST_F(ViewsTest, WP32_ClosingReturnsItsSessionsAndRemovesItsRegisters) {
  const ViewId id = fork(ada_);
  ok(bob_, "nd.view.follow", Json::make_object({{"view", id.value}}));
  rig_.settle();
  const std::string wait = ada_.call("nd.wait_until", Json::make_object({{"server_seq", 1'000'000}}));
  Client cyd = rig_.settled(rig_.native("cyd"));
  ada_.clear();
  bob_.clear();
  const Json reply = ok(ada_, "nd.view.close");
  EXPECT_EQ(text_at(reply, {"closed"}), id.value);
  EXPECT_EQ(text_at(reply, {"view"}), "main");
  EXPECT_EQ(view(id), nullptr);
  for (const auto& [name, content] : rig_.room.ledger().registers()) EXPECT_NE(view_of(name), id.value);
  EXPECT_EQ(rig_.room.removed_views, std::vector<ViewId>{id});
  const Json unanswered = ada_.take("error.command");
  EXPECT_EQ(text_at(unanswered, {"payload", "in_reply_to"}), wait);
  rig_.settle();
  EXPECT_EQ(text_at(ada_.take("nd.snapshot"), {"payload", "view"}), "main");
  EXPECT_EQ(text_at(bob_.take("nd.snapshot"), {"payload", "view"}), "main");
  const Json commit = cyd.take("nd.commit");
  EXPECT_TRUE(register_of(commit, "view", id.value, "ndisplay").find("gone"));
  EXPECT_TRUE(register_of(commit, "dims", id.value + "/z", "index").find("gone"));
  EXPECT_EQ(code_of(refused(ada_, "nd.view.close")), "command.invalid") << "the room's first view stays";
}

TEST_F(ViewsTest, WP32_AViewIsClosedByWhoIsAtHomeThereOrAnAdmin) {
  const ViewId id = fork(ada_);
  const Json kwargs = Json::make_object({{"view", id.value}});
  EXPECT_EQ(code_of(refused(bob_, "nd.view.close", kwargs)), "command.forbidden");
  Client root = rig_.settled(rig_.native("root", auth::Role::Admin));
  EXPECT_EQ(text_at(ok(root, "nd.view.close", kwargs), {"closed"}), id.value);
}

TEST_F(ViewsTest, WP32_AViewThatIsClosedBeforeItWasAppliedHoldsNothing) {
  const ViewId id{text_at(ok(ada_, "nd.view.fork"), {"view"})};
  ok(ada_, "nd.view.close");
  rig_.settle();
  EXPECT_EQ(text_at(ada_.take("nd.snapshot"), {"payload", "view"}), "main");
  EXPECT_EQ(view(id), nullptr);
  bob_.clear();
  bob_.update("dims", "z", "index", 5);
  rig_.settle();
  EXPECT_TRUE(bob_.has("nd.commit"));
}

TEST_F(ViewsTest, WP32_AForkThatNobodyUsesIsClosedAfterAWhile) {
  const ViewId id = fork(ada_);
  rig_.hub->on_close(ada_.id);
  rig_.settle();
  ASSERT_TRUE(view(id));
  rig_.clock.advance(limits::kViewGrace - 1s);
  rig_.hub->tick();
  ASSERT_TRUE(view(id));
  // A page that is loaded again comes back to it.
  Json nd = native_nd("ada");
  nd.set("view", id.value);
  Client again = rig_.connect();
  again.send(hello(hello_payload(), nd));
  EXPECT_EQ(text_at(again.take("session.welcome"), {"nd", "view"}), id.value);
  rig_.clock.advance(2s);
  rig_.hub->tick();
  ASSERT_TRUE(view(id));
  rig_.hub->on_close(again.id);
  rig_.hub->tick();
  ASSERT_TRUE(rig_.hub->next_deadline());
  rig_.clock.advance(limits::kViewGrace);
  rig_.hub->tick();
  EXPECT_FALSE(view(id));
  EXPECT_EQ(rig_.room.ledger().registers().count({Scope::Op, id.value, Key::State, {}}), 0U);
}

TEST_F(ViewsTest, WP23_AnUnknownViewIsRefused) {
  Json nd = native_nd("eve");
  nd.set("view", "view-none");
  Client client = rig_.connect();
  client.send(hello(hello_payload(), nd));
  EXPECT_EQ(code_of(client.take("session.reject")), "room.not_found");
  EXPECT_EQ(code_of(refused(ada_, "nd.view.fork", Json::make_object({{"from", "view-none"}}))), "command.invalid");
  EXPECT_EQ(code_of(refused(ada_, "nd.pixel_ticket", Json::make_object({{"view", "view-none"}}))), "command.invalid");
}

TEST_F(ViewsTest, WP32_ViewsAreLimitedPerSessionAndPerRoom) {
  for (std::size_t i = 0; i < limits::kViewsPerSession; ++i) fork(ada_);
  EXPECT_EQ(code_of(refused(ada_, "nd.view.fork")), "command.retryable");
  std::vector<Client> others;
  while (rig_.room.ledger().snapshot()->views.size() < limits::kViewsPerRoom) {
    others.push_back(rig_.native("other"));
    fork(others.back());
  }
  EXPECT_EQ(code_of(refused(bob_, "nd.view.fork")), "command.retryable");
  ok(bob_, "nd.view.follow", Json::make_object({{"session", ada_.id.value}}));
  EXPECT_EQ(text_at(bob_.update("dims", "z", "index", 2), {"payload", "error", "code"}), "state.unsupported")
      << "a move that needs a view of its own";
  ok(ada_, "nd.view.close");
  EXPECT_EQ(text_at(ok(bob_, "nd.view.fork"), {"view"}).substr(0, 5), "view-");
}

TEST_F(ViewsTest, WP32_TheOriginalDialectSeesTheRoomsView) {
  Client original = rig_.settled(rig_.original());
  const ViewId id = fork(ada_);
  original.clear();
  ada_.update("dims", "z", "index", 9);
  rig_.settle();
  EXPECT_EQ(original.types(), "") << "another view's dims are none of its own";
  original.call("nd.view.fork");
  EXPECT_EQ(code_of(original.take("error.command")), "command.invalid");
  EXPECT_TRUE(view(id));
}

TEST_F(ViewsTest, WP32_WhoIsInWhichViewIsListed) {
  const ViewId id = fork(ada_);
  const Json views = at(ok(bob_, "nd.view.list"), {"views"});
  ASSERT_EQ(views.size(), 2U);
  EXPECT_EQ(text_at(views.array()[0], {"view"}), "main");
  EXPECT_EQ(text_at(views.array()[0].find("sessions")->array().at(0), {"actor"}), "bob");
  EXPECT_EQ(text_at(views.array()[1], {"view"}), id.value);
  EXPECT_EQ(text_at(views.array()[1].find("sessions")->array().at(0), {"session"}), ada_.id.value);
}

TEST_F(ViewsTest, WP13_AReplacedSceneIsToldWhenEveryViewHasAppliedIt) {
  const ViewId id = fork(ada_);
  ada_.clear();
  bob_.clear();
  reduce::NewScene next = reduce::testing::small_scene();
  next.source.uri = "mem://other";
  next.others[id] = {PlanePose{{0, 0, 10, 10}, {5, 5}, 2}, VolumePose{}};
  reduce::Reduction replaced = reduce::replace_scene(*rig_.room.ledger().snapshot(), kMainView, next, Canvas{});
  rig_.room.commit({.changes = replaced.changes, .opens = replaced.opens, .also_in = replaced.also_in});
  EXPECT_EQ(view(id)->camera->plane, next.others[id].plane);
  EXPECT_EQ(view(id)->op->state, OpState::Open);
  EXPECT_EQ(*view(id)->meta, (ViewMeta{"", "ada"}));
  rig_.apply_all(kMainView);
  rig_.settle();
  const auto tells_source = [](Client& client) { return !newest(client, "scene", "main", "source").is_null(); };
  EXPECT_FALSE(tells_source(bob_));
  told(id);
  EXPECT_TRUE(tells_source(bob_));
  EXPECT_TRUE(tells_source(ada_));
  EXPECT_EQ(view(id)->op->state, OpState::Applied);
}

}  // namespace
}  // namespace ndcast::session
