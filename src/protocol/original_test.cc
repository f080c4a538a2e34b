#include "protocol/original.h"

#include <random>

#include <gtest/gtest.h>

#include "protocol/test_scene.h"

namespace ndcast::protocol {
namespace {

using scene::Key;
using scene::Scope;

std::uint64_t version_of(const scene::LayerId&, Key key) { return key == Key::Opacity ? 3 : 0; }

std::vector<std::string> keys(const Json& json) {
  std::vector<std::string> out;
  for (const auto& [key, value] : json.object()) out.push_back(key);
  return out;
}
using Keys = std::vector<std::string>;

class OriginalTest : public ::testing::Test {
 protected:
  Json dims() const { return dims_payload(*scene_.snapshot(), scene::kMainView); }
  Json whole_scene() const { return scene_payload(*scene_.snapshot(), scene::kMainView, version_of); }
  void show_level(int level) {
    scene_.set({Scope::Lod, "main", Key::Shown, {}}, scene::LodShown{level, level, 3, false, false, "zoom-in"});
  }
  const Json& at(const Json& json, std::string_view path) const {
    const Json* found = &json;
    while (!path.empty()) {
      const std::size_t dot = path.find('.');
      found = found->find(path.substr(0, dot));
      EXPECT_NE(found, nullptr) << path;
      path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
    }
    return *found;
  }

  testing::TestScene scene_;
};

TEST_F(OriginalTest, dims_key_set_and_values) {
  const Json payload = dims();
  EXPECT_EQ(keys(payload), (Keys{"step", "current_step", "levels", "current_level", "mode", "ndisplay", "level_shapes",
                                 "dims_spec", "labels"}));
  EXPECT_EQ(to_string(at(payload, "step")), "[10,25,30]");
  EXPECT_EQ(to_string(at(payload, "current_step")), "[10,25,30]");
  EXPECT_EQ(to_string(at(payload, "current_level")), "1");
  EXPECT_EQ(to_string(at(payload, "mode")), R"("plane")");
  EXPECT_EQ(to_string(at(payload, "level_shapes")), "[[50,100,120],[25,50,60],[13,25,30]]");
  EXPECT_EQ(to_string(at(payload, "levels").array()[1]),
            R"({"index":1,"shape":[25,50,60],"downsample":[2.0,2.0,2.0]})");
  EXPECT_EQ(to_string(at(payload, "labels")), R"(["z","y","x"])");
}

TEST_F(OriginalTest, dims_spec_key_set_and_values) {
  const Json spec = at(dims(), "dims_spec");
  EXPECT_EQ(keys(spec), (Keys{"version", "ndim", "ndisplay", "order", "displayed", "current_level", "current_step",
                              "level_shapes", "plane_mode", "labels", "levels", "axes"}));
  EXPECT_EQ(to_string(at(spec, "displayed")), "[1,2]");
  EXPECT_EQ(to_string(at(spec, "plane_mode")), "true");
  EXPECT_EQ(at(spec, "axes").array()[0],
            *parse_json(R"({"index":0,"label":"z","role":"z","displayed":false,"order_pos":0,"current_step":10,
              "margin_left_steps":0.0,"margin_right_steps":0.0,"margin_left_world":0.0,"margin_right_world":0.0,
              "per_level_steps":[50,25,13],
              "per_level_world":[{"start":0,"stop":49,"step":1},{"start":0,"stop":24,"step":1},
                                 {"start":0,"stop":12,"step":1}]})"));
}

TEST_F(OriginalTest, dims_in_3D_and_with_another_order) {
  scene_.set({Scope::View, "main", Key::Order, {}}, std::vector<std::int64_t>{1, 0, 2});
  EXPECT_EQ(to_string(at(dims(), "dims_spec.displayed")), "[0,2]");
  EXPECT_EQ(to_string(at(at(dims(), "dims_spec.axes").array()[0], "order_pos")), "1");
}

TEST_F(OriginalTest, WP10_steps_are_the_current_levels) {
  show_level(2);
  EXPECT_EQ(to_string(at(dims(), "current_step")), "[5,13,15]");
  show_level(0);
  EXPECT_EQ(to_string(at(dims(), "current_step")), "[20,50,60]");
  show_level(9);  // more than the first layer has: the coarsest
  EXPECT_EQ(to_string(at(dims(), "current_level")), "2");
}

TEST_F(OriginalTest, WP10_an_original_index_is_understood_in_the_current_levels_steps) {
  const auto understood = [&](const scene::Intent& intent) {
    return std::get<scene::SetIndex>(from_original(intent, *scene_.snapshot(), scene::kMainView)).index;
  };
  EXPECT_EQ(understood(scene::SetIndex{"z", 12}), 24);
  EXPECT_EQ(understood(scene::SetIndex{"Z", 99}), 48);
  EXPECT_EQ(understood(scene::SetIndex{"0", -3}), 0);
  EXPECT_EQ(understood(scene::StepIndex{"z", 1}), 22);
  EXPECT_EQ(understood(scene::StepIndex{"z", -100}), 0);
  const auto told = [&](const char* view, const char* axis, Key key) {
    return original_dims_value(*scene_.snapshot(), scene::ViewId{view}, axis, key);
  };
  EXPECT_EQ(told("main", "z", Key::Index), Json(10));
  EXPECT_FALSE(told("main", "w", Key::Index));
  EXPECT_FALSE(told("left", "z", Key::Index));
  EXPECT_FALSE(told("main", "z", Key::Play)) << "not the dialect's";
  // Unknown axes and other intents pass as they are, for the reducer to judge.
  EXPECT_EQ(understood(scene::SetIndex{"w", 12}), 12);
  const scene::Intent other = from_original(scene::SetNdisplay{3}, *scene_.snapshot(), scene::kMainView);
  EXPECT_TRUE(std::holds_alternative<scene::SetNdisplay>(other));
}

TEST_F(OriginalTest, WP10_margins_count_the_current_levels_steps) {
  // z has 2 world units a step of level 0, so 4 of level 1, which is shown.
  const scene::Intent intent =
      from_original(scene::SetMargin{"z", Key::MarginLeft, 3.0}, *scene_.snapshot(), scene::kMainView);
  EXPECT_EQ(std::get<scene::SetMargin>(intent).world, 12.0);
  scene_.set({Scope::Dims, "z", Key::MarginLeft, "main"}, 12.0);
  EXPECT_EQ(original_dims_value(*scene_.snapshot(), scene::kMainView, "z", Key::MarginLeft), Json(3.0));
  const Json axis = at(dims(), "dims_spec.axes").array()[0];
  EXPECT_EQ(*axis.find("margin_left_steps"), Json(3.0));
  EXPECT_EQ(*axis.find("margin_left_world"), Json(3.0)) << "its dims world is index space";
  EXPECT_EQ(at(whole_scene(), "viewer.dims.margin_left").array()[0], Json(3.0));
  show_level(0);
  EXPECT_EQ(original_dims_value(*scene_.snapshot(), scene::kMainView, "z", Key::MarginLeft), Json(6.0));
}

TEST(OriginalIndex, WP10_a_told_step_leads_back_to_itself) {
  const unsigned seed = 7;
  std::mt19937 random(seed);
  std::uniform_int_distribution<std::int64_t> sizes(1, 5000);
  std::uniform_real_distribution<double> factors(1.0, 70.0);
  for (int i = 0; i < 20'000; ++i) {
    const std::int64_t size0 = sizes(random);
    const double factor = factors(random);
    // Writers round level sizes up or down.
    const double exact = static_cast<double>(size0) / factor;
    const double rounded = i % 2 == 0 ? std::floor(exact) : std::ceil(exact);
    const auto size = std::max<std::int64_t>(1, static_cast<std::int64_t>(rounded));
    const std::int64_t index = std::uniform_int_distribution<std::int64_t>(0, size0 - 1)(random);
    const std::int64_t told = index_at_level(index, factor, size);
    ASSERT_EQ(index_at_level(index_from_level(told, factor, size0), factor, size), told)
        << "seed " << seed << ": index " << index << " of " << size0 << " / " << factor;
  }
}

TEST(OriginalIndex, WP10_every_step_of_a_whole_factor_can_be_reached) {
  for (const std::int64_t factor : {1, 2, 3, 4, 8, 64}) {
    for (std::int64_t size0 = 1; size0 < 300; ++size0) {
      const std::int64_t size = (size0 + factor - 1) / factor;
      for (std::int64_t step = 0; step < size; ++step) {
        const auto downsample = static_cast<double>(factor);
        ASSERT_EQ(index_at_level(index_from_level(step, downsample, size0), downsample, size), step)
            << size0 << " / " << factor;
      }
    }
  }
}

TEST(OriginalIndex, WP10_extreme_numbers_are_clamped) {
  EXPECT_EQ(index_at_level(std::int64_t{1} << 53, 1e-300, 10), 9);
  EXPECT_EQ(index_from_level(std::int64_t{1} << 53, 1e300, 10), 9);
  EXPECT_EQ(index_from_level(-5, 2.0, 10), 0);
  EXPECT_EQ(index_at_level(5, 0.0, 10), 5);
  EXPECT_EQ(index_at_level(5, std::nan(""), 10), 5);
  EXPECT_EQ(index_at_level(5, 2.0, 0), 0);
}

TEST_F(OriginalTest, level) {
  const Json payload = level_payload(*scene_.snapshot(), scene::kMainView);
  EXPECT_EQ(keys(payload), (Keys{"current_level", "mode", "levels"}));
  EXPECT_EQ(to_string(at(payload, "current_level")), "1");
}

TEST_F(OriginalTest, a_whole_layer) {
  const auto snapshot = scene_.snapshot();
  const Json payload = layers_payload(*snapshot, scene::kMainView, *snapshot->layers[0], version_of);
  EXPECT_EQ(keys(payload), (Keys{"layer_id", "layer"}));
  EXPECT_EQ(at(payload, "layer"), *parse_json(R"({"layer_id":"cells","layer_type":"image",
    "controls":{"visible":true,"opacity":1.0,"blending":"translucent","interpolation":"nearest","colormap":"gray",
                "gamma":1.0,"contrast_limits":[10,1000],"depiction":"volume","rendering":"mip","attenuation":0.05,
                "iso_threshold":505,"projection_mode":"none","plane_thickness":1.0},
    "metadata":{"source":"mem://test","dtype":"uint16","data_range":[0,4095]},
    "multiscale":{"current_level":1,"levels":[{"shape":[50,100,120],"downsample":[1,1,1]},
       {"shape":[25,50,60],"downsample":[2,2,2]},{"shape":[13,25,30],"downsample":[4,4,4]}],
       "policy":"oversampling","index_space":"base"},
    "versions":{"opacity":3},
    "extras":{"name":"cells","kind":"image","scale":[2,0.5,0.5],"translate":[0,0,0]}})"));
}

TEST_F(OriginalTest, a_delta_holds_the_changed_controls_only) {
  const auto snapshot = scene_.snapshot();
  const std::set<Key> changed = {Key::Opacity, Key::Name};
  const Json payload = layers_payload(*snapshot, scene::kMainView, *snapshot->layers[0], version_of, &changed);
  EXPECT_EQ(to_string(at(payload, "layer.controls")), R"({"opacity":1.0})");
  EXPECT_EQ(to_string(at(payload, "layer.versions")), R"({"opacity":3})");
  EXPECT_EQ(to_string(layer_removed_payload({"cells"})), R"({"layer_id":"cells","removed":true})");
}

TEST_F(OriginalTest, labels_are_told_as_images_and_unknown_blendings_as_their_neighbours) {
  scene::LayerMeta meta = testing::test_meta();
  meta.kind = scene::LayerKind::Labels;
  scene_.set({Scope::Layer, "cells", Key::Meta, {}}, meta);
  scene_.set({Scope::Layer, "cells", Key::BlendingMode, {}}, scene::Blending::Maximum);
  const auto snapshot = scene_.snapshot();
  const Json block = layer_block(*snapshot, scene::kMainView, *snapshot->layers[0], version_of);
  EXPECT_EQ(to_string(at(block, "layer_type")), R"("image")");
  EXPECT_EQ(to_string(at(block, "extras.kind")), R"("labels")");
  EXPECT_EQ(to_string(at(block, "controls.blending")), R"("additive")");
}

TEST_F(OriginalTest, whole_scene_key_sets) {
  const Json payload = whole_scene();
  EXPECT_EQ(keys(payload), (Keys{"viewer", "layers", "policies", "metadata"}));
  EXPECT_EQ(keys(at(payload, "viewer")), (Keys{"settings", "dims", "camera"}));
  EXPECT_EQ(at(payload, "viewer.settings"),
            *parse_json(R"({"fps_target":60.0,"canvas_size":[640,480],"volume_enabled":false})"));
  EXPECT_EQ(at(payload, "viewer.dims"), *parse_json(R"({"ndim":3,"axis_labels":["z","y","x"],"order":[0,1,2],
    "displayed":[1,2],"current_step":[10,25,30],"current_level":1,
    "level_shapes":[[50,100,120],[25,50,60],[13,25,30]],"ndisplay":2,"margin_left":[0,0,0],"margin_right":[0,0,0]})"));
  EXPECT_EQ(at(payload, "viewer.camera"),
            *parse_json(R"({"ndisplay":2,"center":[30,22.5],"zoom":10,"rect":[0,0,60,45]})"));
  EXPECT_EQ(keys(at(payload, "metadata")),
            (Keys{"status", "source_path", "source_kind", "volume_state", "viewport_state"}));
  EXPECT_EQ(to_string(at(payload, "metadata.status")), R"("ready")");
  EXPECT_EQ(keys(at(payload, "policies.multiscale")), (Keys{"policy", "active_level", "index_space", "levels"}));
  EXPECT_EQ(at(payload, "layers").size(), 1u);
}

TEST(OriginalIdle, an_idle_scene_is_two_axes_of_one_pixel) {
  // A view without an image: what a room shows before anything is loaded.
  scene::SceneSnapshot snapshot;
  snapshot.source = std::make_shared<scene::Source>();
  snapshot.axes = std::make_shared<scene::AxesSpec>();
  scene::ViewState view{.id = scene::kMainView};
  view.view = std::make_shared<scene::ViewBlock>();
  view.index = std::make_shared<scene::IndexBlock>();
  view.lod = std::make_shared<scene::LodBlock>();
  view.camera = std::make_shared<scene::CameraBlock>();
  view.stream = std::make_shared<scene::StreamConfig>();
  snapshot.views.emplace(scene::kMainView, view);
  const Json payload = scene_payload(snapshot, scene::kMainView, version_of);
  EXPECT_EQ(to_string(*payload.find("metadata")->find("status")), R"("idle")");
  EXPECT_EQ(payload.find("metadata")->find("source_path"), nullptr);
  EXPECT_EQ(to_string(*payload.find("viewer")->find("dims")->find("level_shapes")), "[[1,1]]");
  EXPECT_EQ(to_string(*dims_payload(snapshot, scene::kMainView).find("step")), "[0,0]");
}

TEST_F(OriginalTest, camera) {
  EXPECT_EQ(to_string(camera_delta_payload(scene::PanVerb{1, 2}, Json::make_object({{"dx_px", 1.0}, {"dy_px", 2.0}}))),
            R"({"mode":"pan","origin":"state.update","delta":{"dx_px":1.0,"dy_px":2.0}})");
  for (const auto& [verb, word] : {std::pair<scene::CameraVerb, const char*>{scene::ZoomVerb{}, "zoom"},
                                   {scene::OrbitVerb{}, "orbit"},
                                   {scene::ResetVerb{}, "reset"},
                                   {scene::SetPoseVerb{}, "set"}}) {
    EXPECT_EQ(camera_delta_payload(verb, Json::make_object()).find("mode")->string(), word);
  }
  EXPECT_EQ(camera_pose_payload(*scene_.snapshot()->find_view(scene::kMainView)),
            *parse_json(R"({"mode":"pose","origin":"worker.state.camera",
                            "state":{"rect":[0,0,60,45],"center":[30,22.5],"zoom":10}})"));
}

TEST(Original, stream) {
  EXPECT_FALSE(stream_payload(scene::StreamConfig{}));
  EXPECT_EQ(*stream_payload(scene::StreamConfig{"h264", 640, 480, 60, "AUIA"}),
            *parse_json(R"({"codec":"h264","format":"avcc","fps":60.0,"frame_size":[640,480],"nal_length_size":4,
                            "avcc":"AUIA","latency_policy":{"max_buffer_ms":120.0,"grace_keyframe_ms":500.0}})"));
}

TEST(Original, error_notice) {
  EXPECT_EQ(to_string(error_notice_payload("render", "hang", "restarted", Severity::Critical)),
            R"({"domain":"render","code":"hang","message":"restarted","severity":"critical"})");
}

}  // namespace
}  // namespace ndcast::protocol
