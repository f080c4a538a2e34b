// The original dialect over long seeded stories: every frame passes the client's own strictness
// (original_checker_test_util.h), and what a client has made of them at the end is what a newcomer is told.

#include <map>
#include <optional>
#include <random>

#include <gtest/gtest.h>

#include "session/key_values_test_util.h"
#include "session/original_checker_test_util.h"
#include "session/testing.h"

namespace ndcast::session {
namespace {

using namespace ::ndcast::session::testing;
using namespace scene;

const RegisterId kConfig{Scope::Stream, "main", Key::Config, {}};
const RegisterId kShown{Scope::Lod, "main", Key::Shown, {}};

/// The desktop client: it believes what it is told and keeps its resume tokens.
struct Desktop {
  std::optional<Client> client;
  OriginalChecker checker;
  std::map<std::string, Json> layers;  ///< controls and extras by id
  Json dims;
  Json level;
  Json pose;
  std::map<std::string, std::string> tokens;

  void merge(const Json& layer) {
    Json& known = layers[layer.find("layer_id")->string()];
    if (known.is_null()) known = Json::make_object();
    for (const auto& [key, value] : layer.find("controls")->object()) known.set(key, value);
    known.set("extras", *layer.find("extras"));
    Json versions = known.find("versions") ? *known.find("versions") : Json::make_object();
    for (const auto& [key, value] : layer.find("versions")->object()) versions.set(key, value);
    known.set("versions", std::move(versions));
  }
  void apply(const Json& frame) {
    ASSERT_EQ(checker.problem(frame), "");
    const std::string type = type_of(frame);
    const Json payload = at(frame, {"payload"});
    if (const Json* token = frame.find("delta_token")) tokens[type] = token->string();
    if (type == "notify.scene") {
      layers.clear();
      for (const Json& layer : payload.find("layers")->array()) merge(layer);
    }
    if (type == "notify.layers" && payload.find("removed")) layers.erase(text_at(payload, {"layer_id"}));
    if (type == "notify.layers" && payload.find("layer")) merge(*payload.find("layer"));
    if (type == "notify.dims") dims = payload;
    if (type == "notify.level") level = payload;
    if (type == "notify.camera" && payload.find("state")) pose = payload;
  }
  void read() {
    if (!client) return;
    for (const Json& frame : client->sink->frames) apply(frame);
    client->clear();
  }
};

class Story {
 public:
  explicit Story(std::uint64_t seed) : random_(seed) {
    rig_.report({{kConfig, StreamConfig{"h264", 1280, 720, 60.0, "AWQAKA=="}}});
    for (Desktop& desktop : desktops_) connect(desktop);
  }

  void run(int steps) {
    for (int i = 0; i < steps; ++i) {
      step();
      read_all();
      if (::testing::Test::HasFatalFailure()) return;
    }
  }

  /// Everything settled, everybody there: what each has is what a newcomer is told.
  void end() {
    rig_.apply_all();
    for (Desktop& desktop : desktops_) {
      if (!desktop.client) connect(desktop);
    }
    for (int i = 0; i < 3; ++i) rig_.settle();
    read_all();
    Desktop newcomer;
    connect(newcomer);
    rig_.settle();
    newcomer.read();
    for (const Desktop& desktop : desktops_) {
      EXPECT_EQ(desktop.layers, newcomer.layers);
      EXPECT_EQ(to_string(desktop.dims), to_string(newcomer.dims));
      EXPECT_EQ(to_string(desktop.level), to_string(newcomer.level));
      EXPECT_EQ(to_string(desktop.pose), to_string(newcomer.pose));
    }
  }

 private:
  std::size_t pick(std::size_t count) { return std::uniform_int_distribution<std::size_t>(0, count - 1)(random_); }

  void connect(Desktop& desktop) {
    desktop.checker = {};
    desktop.client.emplace(rig_.connect({.authorised = auth::Role::Editor, .listener = Listener::OriginalOnly}));
    Json payload = hello_payload();
    Json tokens = Json::make_object();
    for (const auto& [topic, token] : desktop.tokens) tokens.set(topic, token);
    payload.set("resume_tokens", std::move(tokens));
    desktop.client->send(hello(std::move(payload)));
  }
  void disconnect(Desktop& desktop) {
    if (!desktop.client) return connect(desktop);
    desktop.read();
    rig_.hub->on_close(desktop.client->id);
    desktop.client.reset();
  }
  void read_all() {
    for (Desktop& desktop : desktops_) desktop.read();
  }

  void update(Desktop& desktop) {
    if (!desktop.client) return;
    const GoodValue& row = kGoodValues[pick(kGoodValues.size())];
    static constexpr std::array kAxes = {"z", "t", "y", "1", "nowhere"};
    static constexpr std::array kLayers = {"layer-0", "layer-1", "layer-7"};
    const std::string_view target = row.scope == "dims"    ? kAxes[pick(kAxes.size())]
                                    : row.scope == "layer" ? kLayers[pick(kLayers.size())]
                                                           : "main";
    Json value = *parse_json(row.value);
    if (row.key == "index" || row.key == "margin_left") value = Json(pick(60));
    if (row.key == "ndisplay") value = Json(2 + pick(2));
    if (row.key == "order" && row.scope == "layer") value = Json(pick(2));
    desktop.client->send(desktop.client->update_frame(row.scope, target, row.key, std::move(value)));
  }

  void report() {
    const auto snapshot = rig_.room.ledger().snapshot();
    switch (pick(3)) {
      case 0:
        return rig_.report({{kShown, LodShown{.level = static_cast<int>(pick(3)), .levels = 3, .reason = "zoom-in"}}});
      case 1: {
        PlanePose pose = snapshot->find_view(kMainView)->camera->plane;
        pose.rect[0] += 1;
        return rig_.report(reduce::applied_pose(*snapshot, kMainView, pose));
      }
      default: {
        const auto size = static_cast<int>(640 + 2 * pick(100));
        return rig_.report({{kConfig, StreamConfig{"h264", size, 480, 30.0, "AWQAKA=="}}});
      }
    }
  }

  void replace() {
    reduce::NewScene next = reduce::testing::small_scene();
    next.source.uri = fmt::format("mem://{}", pick(1000));
    next.layers.resize(1 + pick(2));
    const auto reduction = reduce::replace_scene(*rig_.room.ledger().snapshot(), kMainView, next, {});
    rig_.room.commit({.changes = reduction.changes, .opens = reduction.opens});
  }

  void step() {
    Desktop& desktop = desktops_[pick(desktops_.size())];
    switch (pick(24)) {
      case 0:
        return disconnect(desktop);
      case 1:
        return replace();
      case 2:
      case 3:
        return report();
      case 4:
      case 5:
        return rig_.apply_all();
      case 6:
        if (desktop.client) desktop.client->send("{\"type\":\"ping\"}");
        return;
      case 7:
        if (desktop.client) desktop.client->send(desktop.client->frame("session.ack", Json::make_object()));
        return;
      case 8:
        if (desktop.client) desktop.client->call("napari.pixel.request_keyframe");
        return;
      case 9:
        if (desktop.client) desktop.client->call("no.such.command");
        return;
      case 10:
        rig_.clock.advance(limits::kHeartbeatInterval);
        rig_.hub->tick();
        for (Desktop& other : desktops_) {
          if (other.client) other.client->send("{\"type\":\"ping\"}");
        }
        return;
      case 11:
      case 12:
      case 13:
        return rig_.settle();
      default:
        return update(desktop);
    }
  }

  std::mt19937_64 random_;
  Rig rig_;
  std::array<Desktop, 3> desktops_;
};

TEST(OriginalStory, WP2_WP16_EveryFrameIsOneThatTheStrictClientTakes) {
  const std::uint64_t start = std::random_device()();
  for (std::uint64_t seed = start; seed < start + 24; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Story story(seed);
    story.run(400);
    if (!::testing::Test::HasFatalFailure()) story.end();
    if (::testing::Test::HasFailure()) return;
  }
}

/// The checker is worth what it finds.
TEST(OriginalChecker, FindsWhatTheClientWouldRefuse) {
  Rig rig;
  rig.report({{kConfig, StreamConfig{"h264", 1280, 720, 60.0, "AWQAKA=="}}});
  Client client = rig.original();
  rig.settle();
  for (const char* type : {"session.welcome", "notify.scene", "notify.dims", "notify.level", "notify.layers",
                           "notify.camera", "notify.stream"}) {
    const Json good = client.take(type);
    EXPECT_EQ(OriginalChecker().problem(good), "");
    Json more = good;
    more.find("payload")->set("nd", 1);
    EXPECT_NE(OriginalChecker().problem(more), "") << type << " with an unknown key";
    Json null = good;
    null.set("intent_id", nullptr);
    EXPECT_NE(OriginalChecker().problem(null), "") << type << " with a null";
    Json less = good;
    less.find("payload")->object().erase(less.find("payload")->object().begin());
    EXPECT_NE(OriginalChecker().problem(less), "") << type << " without its first member";
    Json version = good;
    version.set("version", 1);
    EXPECT_NE(OriginalChecker().problem(version), "") << type;
  }
}

// --- the reference traces -------------------------------------------------------------------------------------------

class Traces : public ::testing::Test {
 protected:
  Traces() { rig_.report({{kConfig, StreamConfig{"h264", 1280, 720, 60.0, "AWQAKA=="}}}); }
  /// Types of what came, each frame checked.
  std::string told(Client& client) {
    const std::string types = client.types();
    for (const Json& frame : client.sink->frames) EXPECT_EQ(checker_.problem(frame), "");
    return types;
  }

  Rig rig_;
  OriginalChecker checker_;
};

TEST_F(Traces, Connect) {
  Client client = rig_.original();
  rig_.settle();
  EXPECT_EQ(told(client),
            "session.welcome notify.scene notify.dims notify.level notify.layers notify.layers notify.camera "
            "notify.stream");
}

TEST_F(Traces, DimsSlider) {
  Client client = rig_.settled(rig_.original());
  client.send(client.update_frame("dims", "z", "index", 5));
  EXPECT_EQ(told(client), "ack.state notify.dims");
  EXPECT_EQ(at(client.take("ack.state"), {"payload", "applied_value"}), Json(5));
  EXPECT_EQ(at(client.take("notify.dims"), {"payload", "current_step"}).array()[1], Json(5));
}

TEST_F(Traces, AMarginAloneIsToldInDims) {
  rig_.report({{kShown, LodShown{.level = 1, .levels = 3, .reason = "zoom-in"}}});
  Client client = rig_.settled(rig_.original());
  client.send(client.update_frame("dims", "y", "margin_left", 3.0));
  rig_.settle();
  EXPECT_EQ(told(client), "ack.state notify.dims");
  EXPECT_EQ(at(client.take("ack.state"), {"payload", "applied_value"}), Json(3.0)) << "in steps of level 1";
  const Json axis = at(client.take("notify.dims"), {"payload", "dims_spec", "axes"}).array()[2];
  EXPECT_EQ(at(axis, {"margin_left_steps"}), Json(3.0));
  EXPECT_EQ(rig_.room.ledger().snapshot()->find_view(kMainView)->margins->left[2], 3.0) << "3 steps of 2 × 0.5";
}

TEST_F(Traces, WhatTheDialectDoesNotHaveIsNotTold) {
  Client client = rig_.settled(rig_.original());
  client.update("layer", "layer-0", "opacity_curve", *parse_json("[[0,0],[1,1]]"));
  client.update("layer", "layer-0", "clip_planes",
                *parse_json(R"([{"position":[0,0,0],"normal":[0,0,1],"enabled":true}])"));
  client.update("dims", "z", "play", Json::make_object());
  rig_.settle();
  EXPECT_EQ(told(client), "");
}

TEST_F(Traces, OptionalControlsAndPlacement) {
  Client client = rig_.settled(rig_.original());
  client.update("dims", "z", "index", 3);  // its flush leaves at once, so the next are one
  client.clear();
  client.update("layer", "layer-0", "attenuation", 0.25);
  client.update("layer", "layer-0", "scale", *parse_json("[1,2,3,4]"));
  client.update("layer", "layer-0", "blending", "maximum");
  rig_.settle();
  EXPECT_EQ(told(client), "notify.layers");
  const Json layer = at(client.take("notify.layers"), {"payload", "layer"});
  EXPECT_EQ(at(layer, {"controls"}), *parse_json(R"({"attenuation":0.25,"blending":"additive"})"));
  EXPECT_EQ(at(layer, {"extras", "scale"}), *parse_json("[1,2,3,4]"));
  EXPECT_EQ(at(layer, {"extras", "translate"}), *parse_json("[0,0,0,0]")) << "as the image says";
}

TEST_F(Traces, ViewToggle) {
  Client client = rig_.settled(rig_.original());
  client.send(client.update_frame("view", "main", "ndisplay", 3));
  EXPECT_EQ(told(client), "ack.state") << "at once, and nothing more before it is applied";
  client.clear();
  rig_.apply_all();
  rig_.settle();
  EXPECT_EQ(told(client), "notify.dims notify.level notify.camera");
}

TEST_F(Traces, ZoomWithALevelSwitch) {
  Client client = rig_.settled(rig_.original());
  client.send(client.update_frame("camera", "main", "zoom", *parse_json(R"({"factor":0.8,"anchor_px":[10,10]})")));
  EXPECT_EQ(told(client), "ack.state notify.camera");
  client.clear();
  PlanePose pose = rig_.room.ledger().snapshot()->find_view(kMainView)->camera->plane;
  pose.rect = {1, 2, 30, 25};
  auto changes = reduce::applied_pose(*rig_.room.ledger().snapshot(), kMainView, pose);
  changes.push_back({kShown, LodShown{.level = 1, .wanted = 1, .levels = 3, .reason = "zoom-in"}});
  rig_.report(std::move(changes));
  rig_.settle();
  EXPECT_EQ(told(client), "notify.dims notify.level notify.camera");
}

TEST(IdleRoom, TellsThatThereIsNothingYet) {
  Rig rig({}, false);
  Client client = rig.original();
  rig.settle();
  EXPECT_EQ(client.types(), "session.welcome notify.scene notify.dims notify.level notify.camera");
  OriginalChecker checker;
  for (const Json& frame : client.sink->frames) EXPECT_EQ(checker.problem(frame), "");
  EXPECT_EQ(text_at(client.take("notify.scene"), {"payload", "metadata", "status"}), "idle");
  client.clear();
  const auto reduction =
      reduce::replace_scene(*rig.room.ledger().snapshot(), kMainView, reduce::testing::small_scene(), {});
  rig.room.commit({.changes = reduction.changes, .opens = reduction.opens});
  rig.apply_all();
  rig.settle();
  EXPECT_EQ(client.types(), "notify.scene notify.dims notify.level notify.layers notify.layers notify.camera");
  for (const Json& frame : client.sink->frames) EXPECT_EQ(checker.problem(frame), "");
  EXPECT_EQ(text_at(client.take("notify.scene"), {"payload", "metadata", "status"}), "ready");
}

}  // namespace
}  // namespace ndcast::session
