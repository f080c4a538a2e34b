#include "protocol/capabilities.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "protocol/key_forms.h"
#include "protocol/state_update.h"
#include "protocol/test_scene.h"

namespace ndcast::protocol {
namespace {

class CapabilitiesTest : public ::testing::Test {
 protected:
  bool accepts(const KeyCapability& key, Json value) const {
    const Json payload = Json::make_object({{"scope", key.scope},
                                            {"target", key.scope == "dims" ? "z" : "main"},
                                            {"key", key.key},
                                            {"value", std::move(value)}});
    return parse_state_update(payload, *scene_.snapshot(), scene::kMainView).has_value();
  }
  const KeyCapability* find(std::string_view scope, std::string_view key) const {
    for (const KeyCapability& entry : capabilities_.keys) {
      if (entry.scope == scope && entry.key == key) return &entry;
    }
    return nullptr;
  }

  testing::TestScene scene_;
  const Capabilities capabilities_ = make_capabilities({"fs.listdir"}, {"x264"});
};

TEST_F(CapabilitiesTest, what_is_listed_is_accepted) {
  for (const KeyCapability& key : capabilities_.keys) {
    if (key.words) {
      for (const std::string& word : *key.words) EXPECT_TRUE(accepts(key, word)) << key.scope << " " << key.key;
    }
    if (key.type == "Play|null") continue;  // its bounds are those of fps
    if (key.default_value) {
      EXPECT_TRUE(accepts(key, *key.default_value)) << key.scope << " " << key.key;
    }
    if (key.minimum) {
      EXPECT_TRUE(accepts(key, *key.minimum)) << key.scope << " " << key.key;
    }
    if (key.maximum) {
      EXPECT_TRUE(accepts(key, *key.maximum)) << key.scope << " " << key.key;
    }
  }
}

TEST_F(CapabilitiesTest, every_editable_key_is_listed_and_no_other_register) {
  for (const scene::KeySpec& spec : scene::key_table()) {
    EXPECT_EQ(find(to_string(spec.scope), spec.name) != nullptr, spec.editable)
        << to_string(spec.scope) << " " << spec.name;
  }
  for (const char* verb : {"zoom", "pan", "orbit", "reset", "set"}) EXPECT_NE(find("camera", verb), nullptr);
  EXPECT_NE(find("dims", "step"), nullptr);
}

TEST_F(CapabilitiesTest, one_table_says_the_bounds) {
  EXPECT_EQ(*find("layer", "interpolation")->words, (std::vector<std::string>{"nearest", "linear", "cubic"}));
  EXPECT_EQ(find("layer", "gamma")->maximum, scene::spec_of(scene::Scope::Layer, scene::Key::Gamma).bounds.maximum);
  EXPECT_EQ(find("volume", "sample_step")->minimum, 0.1);
  EXPECT_EQ(find("multiscale", "bias")->minimum, -2);
  EXPECT_EQ(find("settings", "fps_target")->default_value, Json(60.0));
  EXPECT_EQ(find("layer", "iso_threshold")->default_value, std::nullopt) << "of the data";
}

/// The block between the marks in docs/protocol.md is what `ndcast schema --keys` prints.
TEST(KeyTable, the_document_is_as_the_table_says) {
  std::ifstream file(NDCAST_SOURCE_DIR "/docs/protocol.md");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::string begin = "<!-- ndcast schema --keys -->\n";
  const std::size_t at = text.find(begin);
  ASSERT_NE(at, std::string::npos);
  const std::size_t end = text.find("<!-- end -->", at);
  ASSERT_NE(end, std::string::npos);
  EXPECT_EQ(text.substr(at + begin.size(), end - at - begin.size()), key_table_markdown());
}

TEST_F(CapabilitiesTest, ranges_defaults_and_types) {
  const KeyCapability& opacity = *find("layer", "opacity");
  EXPECT_EQ(opacity.minimum, 0.0);
  EXPECT_EQ(opacity.maximum, 1.0);
  EXPECT_EQ(opacity.default_value, Json(1.0));
  EXPECT_EQ(opacity.type, "number");
  EXPECT_EQ(find("camera", "zoom")->type, "ZoomVerb");
  EXPECT_EQ(find("layer", "colormap")->default_value, std::nullopt);
}

TEST_F(CapabilitiesTest, colour_maps_have_stops) {
  ASSERT_FALSE(capabilities_.colormaps.empty());
  for (const ColormapCapability& colormap : capabilities_.colormaps) {
    EXPECT_GE(colormap.stops.size(), 2u) << colormap.name;
    for (const std::string& stop : colormap.stops) EXPECT_EQ(stop.size(), 7u) << colormap.name;
  }
  EXPECT_EQ(capabilities_.limits.at("canvas_max_width"), 4096);
  EXPECT_EQ(capabilities_.commands, (std::vector<std::string>{"fs.listdir"}));
  EXPECT_EQ(capabilities_.encoders, (std::vector<std::string>{"x264"}));
}

}  // namespace
}  // namespace ndcast::protocol
