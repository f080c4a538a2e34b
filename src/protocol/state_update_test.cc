#include "protocol/state_update.h"

#include <limits>

#include <gtest/gtest.h>

#include "protocol/key_forms.h"
#include "protocol/test_scene.h"

namespace ndcast::protocol {
namespace {

using scene::StateCode;
using Parsed = std::expected<StateUpdate, scene::Refusal>;

class StateUpdateTest : public ::testing::Test {
 protected:
  Parsed parse(std::string_view scope, std::string_view target, std::string_view key, Json value) const {
    return parse_payload(
        Json::make_object({{"scope", scope}, {"target", target}, {"key", key}, {"value", std::move(value)}}));
  }
  Parsed parse_text(std::string_view scope, std::string_view target, std::string_view key,
                    std::string_view value) const {
    return parse(scope, target, key, *parse_json(value));
  }
  Parsed parse_payload(const Json& payload) const { return parse_state_update(payload, *scene_.snapshot(), view_); }

  template <class Intent>
  Intent intent(const Parsed& parsed) const {
    EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().message);
    return parsed && std::holds_alternative<Intent>(parsed->intent) ? std::get<Intent>(parsed->intent) : Intent{};
  }
  template <class Verb>
  Verb verb(const Parsed& parsed) const {
    const auto camera = intent<scene::CameraVerb>(parsed);
    EXPECT_TRUE(std::holds_alternative<Verb>(camera));
    return std::holds_alternative<Verb>(camera) ? std::get<Verb>(camera) : Verb{};
  }
  StateCode code(const Parsed& parsed) const { return parsed ? StateCode::Error : parsed.error().code; }
  std::string message(const Parsed& parsed) const { return parsed ? "accepted" : parsed.error().message; }

  testing::TestScene scene_;
  scene::ViewId view_ = scene::kMainView;
};

TEST_F(StateUpdateTest, WP8_names_are_normalised_and_context_is_kept) {
  const auto parsed = parse_payload(*parse_json(
      R"({"scope":" Dims ","target":" z ","key":"INDEX\n","value":5,"phase":"Update","interaction_id":"drag-1",
          "client_seq":9,"base_version":3,"extra":{}})"));
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->scope, "dims");
  EXPECT_EQ(parsed->target, "z");
  EXPECT_EQ(parsed->key, "index");
  EXPECT_EQ(parsed->phase, "update");
  EXPECT_EQ(parsed->interaction_id, "drag-1");
  EXPECT_EQ(parsed->client_seq, 9);
  EXPECT_EQ(parsed->base_version, 3);
  EXPECT_EQ(parsed->view, scene::kMainView);
  EXPECT_EQ(std::get<scene::SetIndex>(parsed->intent).index, 5);
  EXPECT_EQ(parsed->echo, Json(5));
}

TEST_F(StateUpdateTest, WP9_shape) {
  const auto text = [&](std::string_view payload) { return message(parse_payload(*parse_json(payload))); };
  EXPECT_EQ(text("[]"), "payload: expected an object, found array of 0");
  EXPECT_EQ(text(R"({"scope":"dims","target":"z","key":"index"})"), "value is missing");
  EXPECT_EQ(text(R"({"scope":"dims","key":"index","value":1})"), "target is missing, expected a string");
  EXPECT_EQ(text(R"({"scope":4,"target":"z","key":"index","value":1})"),
            "scope: expected a string of at most 256 bytes, found number 4");
  EXPECT_EQ(text(R"({"scope":" ","target":"z","key":"index","value":1})"), "scope/key required");
  EXPECT_EQ(text(R"({"scope":"dims","target":"z","key":"index","value":1,"phase":"end"})"),
            "phase: expected start, update or commit, found string \"end\"");
  EXPECT_EQ(text(R"({"scope":"dims","target":"z","key":"index","value":1,"client_seq":true})"),
            "client_seq: expected an integer from 0 to 2^53, found true");
  EXPECT_EQ(text(R"({"scope":"dims","target":"z","key":"index","value":1,"base_version":-1})"),
            "base_version: expected an integer from 0 to 2^53, found number -1");
  EXPECT_EQ(text(R"({"scope":"dims","target":"z","key":"index","value":1,"interaction_id":3})"),
            "interaction_id: expected a string of at most 256 bytes, found number 3");
}

TEST_F(StateUpdateTest, WP9_unknown_keys_and_scopes_are_invalid) {
  EXPECT_EQ(message(parse("layer", "cells", "foo", 1)), "unsupported layer key foo");
  EXPECT_EQ(message(parse("paint", "main", "foo", 1)), "unsupported paint key foo");
  for (const auto& [scope, key] : {std::pair{"view", "foo"},
                                   {"dims", "foo"},
                                   {"camera", "foo"},
                                   {"volume", "gamma"},
                                   {"multiscale", "foo"},
                                   {"settings", "foo"},
                                   {"layer", "foo"},
                                   {"paint", "foo"}}) {
    EXPECT_EQ(code(parse(scope, "z", key, 1)), StateCode::Invalid) << scope;
  }
}

TEST_F(StateUpdateTest, WP9_what_the_server_writes_is_no_clients_to_set) {
  EXPECT_EQ(message(parse("camera", "main", "plane", 1)), "camera plane is written by the server alone");
  EXPECT_EQ(message(parse("op", "main", "state", 1)), "op state is written by the server alone");
  EXPECT_EQ(message(parse("layer", "cells", "meta", 1)), "layer meta is written by the server alone");
}

TEST_F(StateUpdateTest, WP9_the_level_policy_is_no_choice) {
  EXPECT_EQ(code(parse("multiscale", "main", "policy", "oversampling")), StateCode::Unsupported);
}

/// JSON text has no infinity, but a library between us and a client might.
TEST_F(StateUpdateTest, WP9_what_is_not_finite_is_invalid_for_every_key) {
  for (const double number : {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    for (const KeyForm& form : key_forms()) {
      if (form.type == "any" || form.type == "boolean") continue;
      const std::string_view target = form.scope == "dims" ? "z" : form.scope == "layer" ? "cells" : "main";
      for (const Json& value : {Json(number), Json::make_array({number, 1.0}),
                                Json::make_array({Json::make_array({number, 1.0}), Json::make_array({1.0, 1.0})})}) {
        EXPECT_EQ(code(parse(form.scope, target, form.key, value)), StateCode::Invalid) << form.scope << form.key;
      }
    }
  }
}

TEST_F(StateUpdateTest, view_keys) {
  EXPECT_EQ(intent<scene::SetNdisplay>(parse("view", "main", "ndisplay", 3)).ndisplay, 3);
  EXPECT_EQ(intent<scene::SetNdisplay>(parse("view", "", "ndisplay", nullptr)).ndisplay, 2);
  EXPECT_EQ(intent<scene::SetNdisplay>(parse("view", "main", "ndisplay", std::int64_t{1} << 40)).ndisplay, 3);
  EXPECT_EQ(intent<scene::SetNdisplay>(parse("view", "main", "ndisplay", -1)).ndisplay, 2);
  EXPECT_EQ(message(parse("view", "main", "ndisplay", "3")), "view ndisplay: expected 2 or 3, found string \"3\"");
  EXPECT_EQ(code(parse("view", "main", "ndisplay", true)), StateCode::Invalid);
  EXPECT_EQ(parse("view", "left", "ndisplay", 2)->view, scene::ViewId{"left"});

  EXPECT_EQ(intent<scene::SetOrder>(parse_text("view", "main", "order", "[2,0,1]")).order,
            (std::vector<std::int64_t>{2, 0, 1}));
  EXPECT_EQ(message(parse_text("view", "main", "order", "[2,true]")), "view order[1]: expected an integer, found true");

  const auto canvas = intent<scene::SetCanvas>(parse_text("view", "main", "canvas", R"({"width":641,"height":480})"));
  EXPECT_EQ(canvas.canvas, (scene::Canvas{641, 480, 1.0}));
  EXPECT_EQ(code(parse_text("view", "main", "canvas", R"({"width":0,"height":480,"dpr":1})")), StateCode::Invalid);
  EXPECT_EQ(code(parse_text("view", "main", "canvas", R"({"width":8,"height":8,"dpr":-1})")), StateCode::Invalid);
  EXPECT_EQ(code(parse_text("view", "main", "canvas", R"({"width":1e40,"height":8})")), StateCode::Invalid);
  EXPECT_EQ(code(parse_text("view", "main", "canvas", "[640,480]")), StateCode::Invalid);
}

TEST_F(StateUpdateTest, dims_keys) {
  const auto step = intent<scene::StepIndex>(parse("dims", "1", "step", -3));
  EXPECT_EQ(step.axis, "1");
  EXPECT_EQ(step.delta, -3);
  EXPECT_EQ(intent<scene::SetIndex>(parse("dims", "z", "index", 5.0)).index, 5);
  EXPECT_EQ(intent<scene::SetIndex>(parse("dims", "axis-2", "index", 5)).axis, "2");
  EXPECT_EQ(intent<scene::SetIndex>(parse("dims", "axis-9", "index", 5)).axis, "axis-9");
  EXPECT_EQ(message(parse("dims", " ", "index", 5)), "dims axis target required");
  EXPECT_EQ(message(parse("dims", "z", "index", true)), "dims index: expected an integer, found true");
  EXPECT_EQ(message(parse("dims", "z", "index", 1.5)), "dims index: expected an integer, found number 1.5");
  EXPECT_EQ(code(parse("dims", "z", "step", std::numeric_limits<std::int64_t>::min())), StateCode::Invalid);
  // An unknown axis is the reducer's to refuse.
  EXPECT_EQ(intent<scene::SetIndex>(parse("dims", "w", "index", 5)).axis, "w");
}

TEST_F(StateUpdateTest, a_dims_target_may_name_another_view) {
  view_ = scene::ViewId{"left"};
  const auto parsed = parse("dims", "room/z", "index", 5);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->view, scene::kMainView);
  EXPECT_EQ(std::get<scene::SetIndex>(parsed->intent).axis, "z");
  EXPECT_EQ(intent<scene::SetIndex>(parse("dims", "nowhere/z", "index", 5)).axis, "nowhere/z");
  EXPECT_EQ(parse("dims", "z", "index", 5)->view, scene::ViewId{"left"});
}

TEST_F(StateUpdateTest, camera_verbs) {
  const auto zoom = parse_text("camera", "main", "zoom", R"({"factor":0.5,"anchor_px":[10,20]})");
  EXPECT_EQ(verb<scene::ZoomVerb>(zoom).factor, 0.5);
  EXPECT_EQ(verb<scene::ZoomVerb>(zoom).anchor_px, (std::array<double, 2>{10, 20}));
  EXPECT_EQ(to_string(zoom->echo), R"({"factor":0.5,"anchor_px":[10.0,20.0]})");
  EXPECT_EQ(zoom->view, scene::kMainView);
  EXPECT_EQ(verb<scene::PanVerb>(parse_text("camera", "", "pan", R"({"dx_px":1,"dy_px":-2})")).dy_px, -2);
  EXPECT_EQ(verb<scene::OrbitVerb>(parse_text("camera", "", "orbit", R"({"d_az_deg":1,"d_el_deg":2})")).d_el_deg, 2);
  EXPECT_EQ(verb<scene::ResetVerb>(parse("camera", "", "reset", nullptr)).reason, "state.update");
  EXPECT_EQ(verb<scene::ResetVerb>(parse("camera", "", "reset", "key")).reason, "key");
  const auto reset = parse_text("camera", "", "reset", R"({"reason":"button"})");
  EXPECT_EQ(verb<scene::ResetVerb>(reset).reason, "button");
  EXPECT_EQ(to_string(reset->echo), R"({"reason":"button"})");
  const auto set = verb<scene::SetPoseVerb>(parse_text("camera", "", "set", R"({"center":[1,2,3],"fov":40})"));
  EXPECT_EQ(set.center, (std::vector<double>{1, 2, 3}));
  EXPECT_EQ(set.fov, 40);
  EXPECT_FALSE(set.rect);
}

TEST_F(StateUpdateTest, WP9_camera_values_that_are_wrong) {
  for (const auto& [key, value] : {std::pair{"zoom", R"({"factor":0,"anchor_px":[1,1]})"},
                                   {"zoom", R"({"factor":1})"},
                                   {"zoom", "1"},
                                   {"zoom", R"({"factor":1,"anchor_px":[1]})"},
                                   {"zoom", R"({"factor":true,"anchor_px":[1,1]})"},
                                   {"pan", R"({"dx_px":1})"},
                                   {"pan", R"({"dx_px":1,"dy_px":"2"})"},
                                   {"orbit", "[1,2]"},
                                   {"set", "{}"},
                                   {"set", R"({"center":[1]})"},
                                   {"set", R"({"angles":[1,2,3,4]})"},
                                   {"set", R"({"roll":3})"},
                                   {"set", R"({"rect":[1,2,3]})"}}) {
    EXPECT_EQ(code(parse_text("camera", "main", key, value)), StateCode::Invalid) << key << " " << value;
  }
  Json pan = Json::make_object({{"dx_px", std::numeric_limits<double>::infinity()}, {"dy_px", 0}});
  EXPECT_EQ(code(parse("camera", "main", "pan", pan)), StateCode::Invalid);
}

TEST_F(StateUpdateTest, layer_values) {
  const auto value = [&](std::string_view key, std::string_view text) {
    return intent<scene::SetLayerControl>(parse_text("layer", "cells", key, text)).value;
  };
  for (const char* word : {"true", "1", R"(" Yes ")", R"("on")", R"("1")", "2.5"}) {
    EXPECT_EQ(value("visible", word), scene::Value(true)) << word;
  }
  for (const char* word : {"false", "0", R"("No")", R"("off")", R"("FALSE")"}) {
    EXPECT_EQ(value("visible", word), scene::Value(false)) << word;
  }
  EXPECT_EQ(value("opacity", "7"), scene::Value(7.0));
  EXPECT_EQ(value("contrast_limits", "[5,1]"), scene::Value(std::array<double, 2>{5, 1}));
  EXPECT_EQ(value("contrast_limits", R"({"hi":5,"lo":1})"), scene::Value(std::array<double, 2>{1, 5}));
  EXPECT_EQ(value("colormap", R"({"name":" Viridis "})"), scene::Value(std::string("Viridis")));
  EXPECT_EQ(value("blending", R"(" Additive ")"), scene::Value(scene::Blending::Additive));
  EXPECT_EQ(value("rendering", R"({"name":"MIP"})"), scene::Value(scene::Rendering::Mip));
  EXPECT_EQ(value("order", "1"), scene::Value(std::int64_t{1}));
  EXPECT_EQ(value("name", R"(" nuclei ")"), scene::Value(std::string("nuclei")));
}

TEST_F(StateUpdateTest, WP9_layer_values_that_are_wrong) {
  EXPECT_EQ(message(parse("layer", "cells", "visible", "maybe")),
            "layer visible: expected true or false, found string \"maybe\"");
  EXPECT_EQ(message(parse("layer", "cells", "opacity", true)), "layer opacity: expected a finite number, found true");
  EXPECT_EQ(message(parse("layer", "cells", "colormap", 3)), "layer colormap: expected a string, found number 3");
  EXPECT_EQ(code(parse("layer", "cells", "gamma", std::numeric_limits<double>::quiet_NaN())), StateCode::Invalid);
  EXPECT_EQ(code(parse("layer", "cells", "blending", "screen")), StateCode::Invalid);
  EXPECT_EQ(code(parse("layer", "cells", "blending", 1)), StateCode::Invalid);
  for (const char* limits : {"[1]", "[1,2,3]", R"({"lo":1})", R"({"lo":1,"hi":2,"mid":3})", R"([1,"2"])", "3"}) {
    EXPECT_EQ(code(parse_text("layer", "cells", "contrast_limits", limits)), StateCode::Invalid) << limits;
  }
}

template <class Enum>
void expect_all_words(const testing::TestScene& scene, std::string_view key) {
  for (const std::string_view word : scene::enum_words<Enum>()) {
    const Json payload = Json::make_object({{"scope", "layer"}, {"target", "cells"}, {"key", key}, {"value", word}});
    const auto parsed = parse_state_update(payload, *scene.snapshot(), scene::kMainView);
    ASSERT_TRUE(parsed) << word;
    EXPECT_EQ(parsed->echo, Json(word));
  }
}

TEST_F(StateUpdateTest, each_word_is_kept) {
  expect_all_words<scene::Blending>(scene_, "blending");
  expect_all_words<scene::Interpolation>(scene_, "interpolation");
  expect_all_words<scene::Rendering>(scene_, "rendering");
  expect_all_words<scene::Depiction>(scene_, "depiction");
  expect_all_words<scene::ProjectionMode>(scene_, "projection_mode");
  // napari's other interpolations mean cubic.
  for (const char* word : {"bessel", "Spline36", "custom", "cubic"}) {
    EXPECT_EQ(parse("layer", "cells", "interpolation", word)->echo, Json("cubic")) << word;
  }
  EXPECT_EQ(code(parse("layer", "cells", "interpolation", "sinc")), StateCode::Invalid);
}

TEST_F(StateUpdateTest, play) {
  const auto play = [&](std::string_view value) {
    return intent<scene::SetPlay>(parse_text("dims", "z", "play", value));
  };
  EXPECT_EQ(play(R"({"fps":24,"loop":" Once "})").play, (scene::Play{24, scene::PlayLoop::Once}));
  EXPECT_EQ(play("{}").play, (scene::Play{10, scene::PlayLoop::Loop}));
  EXPECT_EQ(play("null").play, std::nullopt);
  for (const char* wrong : {"true", "24", R"("once")", R"({"fps":true})", R"({"loop":"twice"})", R"({"speed":1})"}) {
    EXPECT_EQ(code(parse_text("dims", "z", "play", wrong)), StateCode::Invalid) << wrong;
  }
}

TEST_F(StateUpdateTest, lists_may_be_null) {
  for (const char* key : {"scale", "translate", "opacity_curve", "clip_planes"}) {
    const auto parsed = parse("layer", "cells", key, nullptr);
    ASSERT_TRUE(parsed) << key;
    EXPECT_EQ(to_string(parsed->echo), "[]") << key;
  }
}

TEST_F(StateUpdateTest, settings_have_one_target) {
  EXPECT_EQ(intent<scene::SetSetting>(parse("settings", "main", "bitrate", 1'000'000)).key, scene::Key::Bitrate);
  EXPECT_EQ(code(parse("settings", "left", "bitrate", 1'000'000)), StateCode::UnknownTarget);
}

TEST_F(StateUpdateTest, aliases_of_the_first_image_layer) {
  EXPECT_EQ(intent<scene::SetLayerControl>(parse("layer", "layer-0", "gamma", 2)).layer.value, "");
  EXPECT_EQ(intent<scene::SetLayerControl>(parse("layer", "layer-1", "gamma", 2)).layer.value, "layer-1");
  const auto control = intent<scene::SetLayerControl>(parse("volume", "anything", "opacity", 0.5));
  EXPECT_EQ(control.layer.value, "");
  EXPECT_EQ(control.key, scene::Key::Opacity);
  std::vector<ledger::Change> changes;
  testing::add_layer(changes, "layer-0", 1);
  scene_.ledger.commit({.changes = std::move(changes)});
  EXPECT_EQ(intent<scene::SetLayerControl>(parse("layer", "layer-0", "gamma", 2)).layer.value, "layer-0");
}

TEST_F(StateUpdateTest, multiscale_level) {
  EXPECT_EQ(intent<scene::LockLevel>(parse("multiscale", "main", "level", 2)).level, 2);
  const auto free = parse("multiscale", "main", "level", nullptr);
  EXPECT_FALSE(intent<scene::LockLevel>(free).level);
  EXPECT_TRUE(free->echo.is_null());
  EXPECT_EQ(message(parse("multiscale", "main", "level", "fine")),
            "multiscale level: expected an integer or null, found string \"fine\"");
}

TEST_F(StateUpdateTest, refusal_details_quote_the_names) {
  EXPECT_EQ(to_string(refusal_details(*parse_json(R"({"scope":"layer","target":"x","key":"foo","value":1})"))),
            R"({"scope":"layer","target":"x","key":"foo"})");
  EXPECT_EQ(to_string(refusal_details(*parse_json(R"({"scope":3,"key":"foo"})"))), R"({"key":"foo"})");
  EXPECT_EQ(to_string(refusal_details(Json())), "{}");
}

}  // namespace
}  // namespace ndcast::protocol
