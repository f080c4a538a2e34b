// WP9 for every key of state.update: good values and what they become, what is clamped, what is refused and with which
// code. A key of the key table that is missing here fails.

#include <set>

#include <gtest/gtest.h>

#include "protocol/key_forms.h"
#include "session/key_values_test_util.h"
#include "session/testing.h"

namespace ndcast::session {
namespace {

using namespace ::ndcast::session::testing;

/// A fresh room for one update.
struct Trial {
  Rig rig;
  Client ada = rig.settled(rig.native("ada"));

  static std::string_view target(std::string_view scope) {
    return scope == "dims" ? "z" : scope == "layer" ? "layer-0" : "main";
  }
  Json update(std::string_view scope, std::string_view key, Json value) {
    return update_at(scope, target(scope), key, std::move(value));
  }
  Json update_at(std::string_view scope, std::string_view of, std::string_view key, Json value) {
    if (key == "orbit") {
      ada.update("view", "main", "ndisplay", 3);
      rig.apply_all();
    }
    return at(ada.update(scope, of, key, std::move(value)), {"payload"});
  }
};

std::string code_of(const Json& ack) {
  return text_at(ack, {"status"}) == "accepted" ? "accepted" : text_at(ack, {"error", "code"});
}
/// Every refusal says what it is about.
std::string refused(std::string_view scope, std::string_view key, std::string_view value) {
  Trial trial;
  const Json ack = trial.update(scope, key, *parse_json(value));
  if (code_of(ack) != "accepted") {
    EXPECT_FALSE(text_at(ack, {"error", "message"}).empty());
    EXPECT_EQ(text_at(ack, {"error", "details", "key"}), key);
    EXPECT_EQ(text_at(ack, {"error", "details", "scope"}), scope);
  }
  return code_of(ack);
}

TEST(StateKeys, EveryKeyIsInTheTableOfGoodValues) {
  std::set<std::pair<std::string_view, std::string_view>> covered;
  for (const GoodValue& row : kGoodValues) covered.emplace(row.scope, row.key);
  const std::vector<protocol::KeyForm> forms = protocol::key_forms();
  for (const protocol::KeyForm& form : forms) {
    EXPECT_TRUE(covered.contains({form.scope, form.key})) << form.scope << " " << form.key;
  }
  EXPECT_EQ(covered.size(), forms.size());
}

TEST(StateKeys, WP9_AGoodValueIsAppliedAsTheTableSays) {
  for (const GoodValue& row : kGoodValues) {
    SCOPED_TRACE(fmt::format("{} {}", row.scope, row.key));
    Trial trial;
    const Json ack = trial.update(row.scope, row.key, *parse_json(row.value));
    EXPECT_EQ(code_of(ack), "accepted") << to_string(ack);
    EXPECT_EQ(at(ack, {"applied_value"}), *parse_json(row.applied)) << to_string(ack);
    EXPECT_TRUE(at(ack, {"version"}).as_uint64());
  }
}

TEST(StateKeys, WP9_OutOfRangeIsClamped) {
  for (const auto& [scope, key, value, applied] : std::initializer_list<GoodValue>{
           {"view", "ndisplay", "7", "3"},
           {"view", "ndisplay", "-1", "2"},
           {"view", "canvas", R"({"width":99999,"height":1,"dpr":2})", R"({"width":4096,"height":16,"dpr":2})"},
           {"dims", "index", "-5", "0"},
           {"dims", "index", "9007199254740992", "49"},
           {"dims", "step", "-9007199254740992", "0"},
           {"dims", "margin_left", "-1", "0"},
           {"dims", "play", R"({"fps":1000})", R"({"fps":60,"loop":"loop"})"},
           {"dims", "play", R"({"fps":0.0001})", R"({"fps":0.1,"loop":"loop"})"},
           {"layer", "order", "99", "1"},
           {"layer", "order", "-9", "0"},
           {"layer", "opacity", "7", "1"},
           {"layer", "opacity", "-7", "0"},
           {"layer", "gamma", "1e9", "100"},
           {"layer", "gamma", "1e-9", "0.01"},
           {"layer", "attenuation", "-1", "0"},
           {"layer", "plane_thickness", "-1", "0"},
           {"layer", "sample_step", "0", "0.1"},
           {"layer", "contour", "-1", "0"},
           {"layer", "contour", "99", "64"},
           {"layer", "selected_label", "-1", "0"},
           {"layer", "plane", R"({"position":[1,2,3]})", R"({"position":[1,2,3],"normal":[0,0,1]})"},
           {"volume", "sample_step", "99", "4"},
           {"multiscale", "level", "99", "2"},
           {"multiscale", "level", "-1", "0"},
           {"multiscale", "bias", "9", "2"},
           {"multiscale", "bias", "-9", "-2"},
           {"settings", "fps_target", "0", "1"},
           {"settings", "fps_target", "1e9", "120"},
           {"settings", "bitrate", "1", "250000"},
           {"settings", "bitrate", "9007199254740992", "200000000"},
           {"settings", "quality", "-1", "0"},
           {"settings", "quality", "2", "1"},
       }) {
    SCOPED_TRACE(fmt::format("{} {} {}", scope, key, value));
    Trial trial;
    const Json ack = trial.update(scope, key, *parse_json(value));
    EXPECT_EQ(code_of(ack), "accepted") << to_string(ack);
    EXPECT_EQ(at(ack, {"applied_value"}), *parse_json(applied)) << to_string(ack);
  }
}

TEST(StateKeys, WP9_ValuesThatNothingMakesGoodAreInvalid) {
  for (const auto& [scope, key, value] : std::initializer_list<std::array<std::string_view, 3>>{
           {"view", "order", "[0,0,1,2]"},
           {"view", "order", "[0,1,2]"},
           {"view", "canvas", R"({"width":0,"height":10})"},
           {"dims", "play", R"({"fps":0})"},
           {"dims", "play", R"({"fps":-5})"},
           {"camera", "zoom", R"({"factor":0,"anchor_px":[1,1]})"},
           {"camera", "set", "{}"},
           {"layer", "name", R"("")"},
           {"layer", "gamma", "0"},
           {"layer", "gamma", "-1"},
           {"layer", "contrast_limits", "[3,3]"},
           {"layer", "contrast_limits", "[-1.7e308,1.7e308]"},
           {"layer", "colormap", R"("no such map")"},
           {"layer", "opacity_curve", "[[1,1]]"},
           {"layer", "opacity_curve", "[[-1.7e308,0],[1.7e308,1]]"},
           {"layer", "scale", "[1,1,0,1]"},
           {"layer", "scale", "[1,1,1]"},
           {"layer", "scale", "[1,1,1,1e300]"},
           {"layer", "translate", "[0,0,0,0,0]"},
           {"layer", "translate", "[0,0,0,1e300]"},
           {"layer", "plane", R"({"position":[0,0,0],"normal":[0,0,0]})"},
           {"layer", "plane", R"({"normal":[0,0,1]})"},
           {"layer", "clip_planes", R"([{"position":[0,0,0],"normal":[0,0,0],"enabled":true}])"},
           {"layer", "clip_planes", R"([{"position":[0,0,0],"normal":[0,0,1],"enabled":true,"x":1}])"},
       }) {
    EXPECT_EQ(refused(scope, key, value), "state.invalid") << scope << " " << key << " " << value;
  }
}

TEST(StateKeys, WP9_ATypeThatIsNotTheKeysIsInvalid) {
  // A reset takes any value, a switch takes numbers and words.
  const auto takes = [](const protocol::KeyForm& form, std::string_view value) {
    if (form.type == "any") return true;
    if (form.type == "boolean") return value == "true" || value == "1.5";
    if (form.type == "number") return value == "1.5";
    const bool is_list =
        form.key == "scale" || form.key == "translate" || form.key == "opacity_curve" || form.key == "clip_planes";
    if (is_list) return value == "[]" || value == "null";
    if (value == "null")
      return form.key == "ndisplay" || form.key == "level" || form.key == "play" || form.key == "plane";
    return value == "{}" && form.key == "play";
  };
  for (const protocol::KeyForm& form : protocol::key_forms()) {
    for (const std::string_view value :
         {"true", "1.5", "null", "[]", "{}", "[true]", R"("no such word")", R"(["1"])"}) {
      const bool is_text = form.key == "name" && value.starts_with('"');
      const std::string code = refused(form.scope, form.key, value);
      EXPECT_EQ(code, takes(form, value) || is_text ? "accepted" : "state.invalid")
          << form.scope << " " << form.key << " " << value;
    }
  }
}

TEST(StateKeys, WP9_UnknownTargets) {
  for (const GoodValue& row : kGoodValues) {
    Trial trial;
    const std::string code = code_of(trial.update_at(row.scope, "nowhere", row.key, *parse_json(row.value)));
    // volume is another name of one layer, whatever its target; a camera verb of an unknown view is told so too.
    EXPECT_EQ(code, row.scope == "volume" ? "accepted" : "state.unknown_target") << row.scope << " " << row.key;
  }
}

TEST(StateKeys, WP9_UnknownKeysAreInvalid) {
  for (const char* scope : {"view", "dims", "camera", "layer", "volume", "multiscale", "settings", "nothing"}) {
    EXPECT_EQ(refused(scope, "foo", "1"), "state.invalid") << scope;
  }
  EXPECT_EQ(refused("layer", "meta", "1"), "state.invalid");
  EXPECT_EQ(refused("volume", "gamma", "1"), "state.invalid") << "no alias";
}

TEST(StateKeys, AnAxisOfOnePositionHasNothingToPlay) {
  Rig rig;
  reduce::NewScene scene = reduce::testing::small_scene();
  scene.axes.axes[0].size = 1;
  scene.index[0] = 0;
  for (auto& layer : scene.layers) {
    for (auto& level : layer.meta.levels) level.shape[0] = 1;
  }
  const auto reduction = reduce::replace_scene(*rig.room.ledger().snapshot(), scene::kMainView, scene, {});
  rig.room.commit({.changes = reduction.changes, .opens = reduction.opens});
  rig.apply_all();
  Client ada = rig.settled(rig.native("ada"));
  EXPECT_EQ(code_of(at(ada.update("dims", "t", "play", Json::make_object()), {"payload"})), "state.invalid");
  EXPECT_EQ(code_of(at(ada.update("dims", "t", "play", nullptr), {"payload"})), "accepted");
}

TEST(StateKeys, SettingsOutliveAScene) {
  Trial trial;
  trial.update("settings", "bitrate", 1'000'000);
  const auto reduction =
      reduce::replace_scene(*trial.rig.room.ledger().snapshot(), scene::kMainView, reduce::testing::small_scene(), {});
  trial.rig.room.commit({.changes = reduction.changes, .opens = reduction.opens});
  EXPECT_EQ(trial.rig.room.ledger().snapshot()->settings->bitrate, 1'000'000);
}

}  // namespace
}  // namespace ndcast::session
