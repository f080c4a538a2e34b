// WP16 and the original dialect's frames: baseline, deltas, cursors, resume.

#include "session/original_mirror.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "session/testing.h"

namespace ndcast::session {
namespace {

using namespace ::ndcast::session::testing;
using namespace scene;

const RegisterId kConfig{Scope::Stream, "main", Key::Config, {}};
const RegisterId kShown{Scope::Lod, "main", Key::Shown, {}};

Json zoom() { return Json::make_object({{"factor", 0.5}, {"anchor_px", Json::list(std::vector<int>{0, 0})}}); }

class Original : public ::testing::Test {
 protected:
  Original() { rig_.report({{kConfig, StreamConfig{"h264", 1280, 720, 60.0, "AWQAKA=="}}}); }

  Client connect() { return rig_.settled(rig_.original()); }
  Client connect_with(Json tokens) {
    Client client = rig_.connect({.authorised = auth::Role::Editor, .listener = Listener::OriginalOnly});
    Json payload = hello_payload();
    payload.set("resume_tokens", std::move(tokens));
    client.send(hello(std::move(payload)));
    rig_.settle();
    return client;
  }
  static std::string token(const Json& frame) { return text_at(frame, {"delta_token"}); }
  static std::int64_t number(const Json& frame) { return *at(frame, {"seq"}).as_int64(); }
  void set_opacity(Client& client, double opacity, std::string_view layer = "layer-0") {
    client.update("layer", layer, "opacity", opacity);
    rig_.settle();
  }

  Rig rig_;
};

TEST_F(Original, WP16_BaselineOrder) {
  Client client = rig_.original();
  rig_.settle();
  EXPECT_EQ(client.types(),
            "session.welcome notify.scene notify.dims notify.level notify.layers notify.layers notify.camera "
            "notify.stream");
}

TEST_F(Original, NoStreamBeforeItsConfigurationIsKnown) {
  Rig rig;
  Client client = rig.original();
  rig.settle();
  EXPECT_FALSE(client.has("notify.stream"));
  rig.report({{kConfig, StreamConfig{"h264", 1280, 720, 60.0, "AWQAKA=="}}});
  rig.settle();
  EXPECT_TRUE(client.has("notify.stream"));
}

TEST_F(Original, SeesNoNativeFramesAndTheOtherWayRound) {
  Client original = connect();
  Client native = rig_.settled(rig_.native("ada"));
  native.update("dims", "z", "index", 3);
  rig_.settle();
  EXPECT_EQ(original.types(), "notify.dims");
  EXPECT_EQ(native.types(), "nd.commit");
}

TEST_F(Original, ABroadcastNamesTheIntentToItsAuthorAndAFrameToOthers) {
  Client ada = connect();
  Client bob = connect();
  const Json frame = ada.update_frame("dims", "z", "index", 3);
  ada.send(frame);
  rig_.settle();
  EXPECT_EQ(ada.types(), "ack.state notify.dims");
  const Json mine = ada.take("notify.dims");
  const Json theirs = bob.take("notify.dims");
  EXPECT_EQ(at(mine, {"intent_id"}), at(frame, {"intent_id"}));
  EXPECT_FALSE(theirs.find("intent_id"));
  EXPECT_EQ(text_at(theirs, {"frame_id"}).size(), 8U);
}

TEST_F(Original, ALayersDeltaHoldsOnlyWhatChanged) {
  Client client = connect();
  set_opacity(client, 0.5);
  EXPECT_EQ(client.types(), "notify.layers");
  const Json delta = client.take("notify.layers");
  const Json controls = at(delta, {"payload", "layer", "controls"});
  EXPECT_EQ(controls.size(), 1U);
  EXPECT_EQ(at(controls, {"opacity"}), Json(0.5));
}

TEST_F(Original, ALayersCursorRisesByOneALiveChange) {
  Client client = connect();
  std::int64_t last = 0;
  for (int i = 0; i < 3; ++i) {
    set_opacity(client, 0.1 * i);
    const std::int64_t seq = number(client.take("notify.layers"));
    EXPECT_TRUE(i == 0 || seq == last + 1) << seq;
    last = seq;
  }
}

TEST_F(Original, WP16_AnArrivalTouchesNobodysEpoch) {
  Client client = connect();
  set_opacity(client, 0.5);
  const Json before = client.take("notify.layers");
  Client arrival = rig_.original();
  rig_.settle();
  EXPECT_TRUE(client.sink->frames.empty());
  EXPECT_EQ(number(arrival.take("notify.layers")), number(before)) << "the topic's current cursor";
  set_opacity(client, 0.6);
  EXPECT_EQ(number(client.take("notify.layers")), number(before) + 1);
}

TEST_F(Original, WP16_AKnownLayersTokenGetsTheDeltasAfterIt) {
  Client client = connect();
  set_opacity(client, 0.5);
  const Json seen = client.take("notify.layers");
  rig_.hub->on_close(client.id);
  Client other = connect();
  set_opacity(other, 0.6);
  set_opacity(other, 0.7, "layer-1");
  Client back = connect_with(Json::make_object({{"notify.layers", token(seen)}}));
  EXPECT_EQ(back.types(),
            "session.welcome notify.scene notify.dims notify.level notify.layers notify.layers notify.camera "
            "notify.stream");
  const Json welcome = back.take("session.welcome");
  EXPECT_EQ(at(welcome, {"payload", "features", "notify.layers", "resume_state", "seq"}), at(seen, {"seq"}));
  const Json first = back.take("notify.layers");
  EXPECT_EQ(number(first), number(seen) + 1);
  EXPECT_EQ(at(first, {"payload", "layer", "controls"}), Json::make_object({{"opacity", 0.6}}));
  EXPECT_EQ(text_at(back.take("notify.layers"), {"payload", "layer_id"}), "layer-1");
}

TEST_F(Original, WP16_NothingMissedSendsNoLayers) {
  Client client = connect();
  set_opacity(client, 0.5);
  const Json seen = client.take("notify.layers");
  Client back = connect_with(Json::make_object({{"notify.layers", token(seen)}}));
  EXPECT_FALSE(back.has("notify.layers"));
}

TEST_F(Original, WP16_AnUnknownOrEmptyTokenGetsTheBaseline) {
  for (const char* unknown : {"", "no-such-token"}) {
    Client back = connect_with(Json::make_object({{"notify.layers", unknown}, {"notify.scene", nullptr}}));
    EXPECT_EQ(back.count("notify.layers"), 2U);
    EXPECT_FALSE(at(back.take("session.welcome"), {"payload", "features", "notify.layers"}).find("resume_state"));
  }
}

TEST_F(Original, WP16_ABaselineThatBrokeOffIsToldAgain) {
  Client client = rig_.original();
  rig_.settle();
  const std::string after_one = text_at(client.take("notify.layers"), {"delta_token"});
  const std::string after_all = text_at(client.take("notify.layers"), {"delta_token"});
  Client broke_off = connect_with(Json::make_object({{"notify.layers", after_one}, {"notify.scene", nullptr}}));
  EXPECT_EQ(broke_off.count("notify.layers"), 2U);
  Client has_all = connect_with(Json::make_object({{"notify.layers", after_all}, {"notify.scene", nullptr}}));
  EXPECT_EQ(has_all.count("notify.layers"), 0U);
}

TEST_F(Original, ASceneReplacementIsANewBaselineInANewEpoch) {
  Client client = connect();
  set_opacity(client, 0.5);
  const Json seen = client.take("notify.layers");
  client.clear();
  reduce::NewScene next = reduce::testing::small_scene();
  next.source.uri = "mem://other";
  next.layers.resize(1);
  const auto reduction = reduce::replace_scene(*rig_.room.ledger().snapshot(), kMainView, next, {});
  rig_.room.commit({.changes = reduction.changes, .opens = reduction.opens});
  rig_.settle();
  EXPECT_TRUE(client.sink->frames.empty()) << "held until it was applied";
  rig_.apply_all();
  rig_.settle();
  EXPECT_EQ(client.types(), "notify.scene notify.dims notify.level notify.layers notify.camera notify.stream");
  EXPECT_EQ(number(client.take("notify.layers")), 0);
  Client back = connect_with(Json::make_object({{"notify.layers", token(seen)}}));
  EXPECT_FALSE(at(back.take("session.welcome"), {"payload", "features", "notify.layers"}).find("resume_state"));
}

TEST_F(Original, ALevelDecisionIsToldInDimsAndLevel) {
  Client client = connect();
  rig_.report({{kShown, LodShown{.level = 1, .wanted = 1, .levels = 3, .reason = "zoom-in"}}});
  rig_.settle();
  EXPECT_EQ(client.types(), "notify.dims notify.level");
  EXPECT_EQ(at(client.take("notify.level"), {"payload", "current_level"}), Json(1));
  client.clear();
  rig_.report({{kShown, LodShown{.level = 1, .wanted = 0, .levels = 3, .reason = "hold"}}});
  rig_.settle();
  EXPECT_FALSE(client.has("notify.dims")) << "nothing that the dialect tells has changed";
  EXPECT_FALSE(client.has("notify.level"));
}

TEST_F(Original, CameraVerbsAreEchoedAndPosesFollow) {
  Client ada = connect();
  Client bob = connect();
  const Json frame = ada.update_frame("camera", "main", "zoom", zoom());
  ada.send(frame);
  EXPECT_EQ(ada.types(), "ack.state notify.camera");
  EXPECT_EQ(at(ada.take("notify.camera"), {"intent_id"}), at(frame, {"intent_id"}));
  const Json echo = bob.take("notify.camera");
  EXPECT_EQ(text_at(echo, {"payload", "mode"}), "zoom");
  EXPECT_EQ(text_at(echo, {"payload", "origin"}), "state.update");
  EXPECT_EQ(at(echo, {"payload", "delta", "factor"}), Json(0.5));

  PlanePose pose = rig_.room.ledger().snapshot()->find_view(kMainView)->camera->plane;
  pose.rect = {1, 2, 30, 25};
  rig_.report(reduce::applied_pose(*rig_.room.ledger().snapshot(), kMainView, pose));
  rig_.settle();
  const Json applied = bob.take("notify.camera");
  EXPECT_EQ(text_at(applied, {"payload", "mode"}), "pose");
  EXPECT_FALSE(applied.find("intent_id"));
}

TEST_F(Original, WP13_AToggleIsToldWhenAppliedAndNothingOfItBefore) {
  Client client = connect();
  client.update("view", "main", "ndisplay", 3);
  client.update("dims", "t", "index", 1);
  rig_.settle();
  const Json other = client.take("notify.dims");
  EXPECT_EQ(at(other, {"payload", "ndisplay"}), Json(2)) << "a frame about t says nothing of the toggle";
  EXPECT_TRUE(client.sink->frames.empty());
  rig_.apply_all();
  rig_.settle();
  EXPECT_EQ(at(client.take("notify.dims"), {"payload", "ndisplay"}), Json(3));
  EXPECT_EQ(text_at(client.take("notify.level"), {"payload", "mode"}), "volume");
  EXPECT_TRUE(client.has("notify.camera"));
}

TEST_F(Original, AMovedLayerResendsTheScene) {
  Client client = connect();
  client.update("layer", "layer-0", "order", 5);
  rig_.settle();
  const Json scene = client.take("notify.scene");
  EXPECT_EQ(number(scene), 0);
  EXPECT_EQ(text_at(at(scene, {"payload", "layers"}).array()[0], {"layer_id"}), "layer-1");
}

TEST(OriginalTopics, WP16_KeepsAtLeast512DeltasOr300Seconds) {
  OriginalTopics topics;
  const std::string start = topics.current(Topic::Layers).delta_token;
  const MonotonicTime began{};
  std::string first;
  for (int i = 0; i < 600; ++i) {
    const auto cursor = topics.advance_layers(Json::make_object({{"i", i}}), began + i * 1ms);
    if (i == 0) first = cursor.delta_token;
  }
  ASSERT_TRUE(topics.layers_after(start)) << "all are younger than 300 s";
  EXPECT_EQ(topics.layers_after(start)->size(), 600U);
  topics.advance_layers(Json::make_object(), began + 301s);
  EXPECT_FALSE(topics.layers_after(start)) << "a pruned token is unknown: no silent gap";
  EXPECT_FALSE(topics.layers_after(first));
  EXPECT_TRUE(topics.layers_after(topics.current(Topic::Layers).delta_token)->empty());
}

TEST(OriginalTopics, WP16_OnlyTheLatestTokenOfTheOtherTopicsIsKnown) {
  OriginalTopics topics;
  const std::string old = topics.current(Topic::Level).delta_token;
  EXPECT_TRUE(topics.known(Topic::Level, old));
  const auto next = topics.advance(Topic::Level);
  EXPECT_EQ(next.seq, 1);
  EXPECT_FALSE(topics.known(Topic::Level, old));
  const std::string of_layers = topics.current(Topic::Layers).delta_token;
  const std::string kept = topics.advance_layers(Json::make_object(), MonotonicTime{}).delta_token;
  topics.advance_layers(Json::make_object(), MonotonicTime{});
  for (const std::string& token : {of_layers, kept}) {
    EXPECT_TRUE(topics.known(Topic::Layers, token));
    EXPECT_FALSE(topics.known(Topic::Level, token)) << "a token of another topic";
  }
  EXPECT_EQ(topics.advance(Topic::Scene).seq, 0);
}

}  // namespace
}  // namespace ndcast::session
