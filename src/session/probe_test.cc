// Voxels at a place (protocol.md WP39), with a room that answers when the test says so.

#include "session/probe.h"

#include <gtest/gtest.h>

#include "session/testing.h"

namespace ndcast::session {
namespace {

using namespace testing;

class ProbeTest : public ::testing::Test {
 protected:
  /// The position that reached the room, or the refusal's message.
  std::variant<std::vector<double>, std::string> ask(std::string_view kwargs) {
    ada_.clear();
    ada_.call("nd.probe", *parse_json(kwargs));
    if (ada_.has("error.command")) return text_at(ada_.take("error.command"), {"payload", "message"});
    return rig_.room.probes.back().first.world;
  }
  std::vector<double> world(std::string_view kwargs) { return std::get<std::vector<double>>(ask(kwargs)); }
  std::string refusal(std::string_view kwargs) {
    const auto answer = ask(kwargs);
    const auto* message = std::get_if<std::string>(&answer);
    return message ? *message : "taken";
  }
  void answer(const Result<Probe>& probe) {
    const auto done = std::move(rig_.room.probes.back().second);
    rig_.room.probes.clear();
    done(probe);
    rig_.settle();
  }

  Rig rig_;
  Client ada_ = rig_.settled(rig_.native("ada"));
};

TEST_F(ProbeTest, WP39_AxesThatAreNotNamedAreWhereTheViewIs) {
  const scene::SceneSnapshot& snapshot = *rig_.room.ledger().snapshot();
  const std::vector<scene::Axis>& axes = snapshot.axes->axes;
  const std::vector<double> there = world(R"({"world":{"x":2.5}})");
  ASSERT_EQ(there.size(), axes.size());
  const scene::IndexBlock& index = *snapshot.find_view(scene::kMainView)->index;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const double here = axes[i].start + axes[i].step * static_cast<double>(index.value[i]);
    EXPECT_EQ(there[i], axes[i].label == "x" ? 2.5 : here) << axes[i].label;
  }
}

TEST_F(ProbeTest, WP39_APixelIsAPlaceInTheCamerasRectangle) {
  const scene::ViewState& view = *rig_.room.ledger().snapshot()->find_view(scene::kMainView);
  const auto& [left, top, width, height] = view.camera->plane.rect;
  const scene::Canvas& canvas = view.view->canvas;
  const auto x = static_cast<std::size_t>(view.view->displayed[1]);
  const auto y = static_cast<std::size_t>(view.view->displayed[0]);
  std::vector<double> at = world(R"({"x_px":0,"y_px":0})");
  EXPECT_DOUBLE_EQ(at[x], left);
  EXPECT_DOUBLE_EQ(at[y], top + height) << "the bottom row is the last";
  at = world(fmt::format(R"({{"x_px":{},"y_px":{}}})", canvas.width, canvas.height));
  EXPECT_DOUBLE_EQ(at[x], left + width);
  EXPECT_DOUBLE_EQ(at[y], top);
}

TEST_F(ProbeTest, WP39_TheAnswerNamesEachLayersVoxelAndValue) {
  world(R"({"world":{"x":1}})");
  Probe probe{.layers = {{scene::LayerId{"layer-1"}, {0, 1, 2}, Json(std::uint64_t{18446744073709551615U}), "#0a0b0c"},
                         {scene::LayerId{"layer-0"}, {}, Json()}},
              .server_seq = 7};
  answer(probe);
  const Json result = at(ada_.take("reply.command"), {"payload", "result"});
  EXPECT_EQ(to_string(*result.find("layers")),
            R"([{"layer":"layer-1","voxel":[0,1,2],"value":18446744073709551615,"color":"#0a0b0c"},)"
            R"({"layer":"layer-0","voxel":[],"value":null}])");
  EXPECT_EQ(result.find("server_seq")->as_uint64(), 7U);
  EXPECT_EQ(result.find("world")->find("x")->as_double(), 1.0);
}

TEST_F(ProbeTest, WP39_WhatIsWrongIsSaid) {
  EXPECT_EQ(refusal("{}"), "expected world, or x_px and y_px");
  EXPECT_EQ(refusal(R"({"x_px":3})"), "expected world, or x_px and y_px");
  EXPECT_EQ(refusal(R"({"x_px":"3","y_px":4})"), "x_px: expected a number, found \"3\"");
  EXPECT_EQ(refusal(R"({"world":[1,2]})"), "world: expected an object of axes");
  EXPECT_EQ(refusal(R"({"world":{"q":1}})"), "world: there is no axis \"q\"");
  EXPECT_EQ(refusal(R"({"world":{"x":true}})"), "world: x: expected a number, found true");
  world(R"({"world":{}})");
  answer(fail(ErrorCode::Limit, "too much is being read; try again in a moment"));
  EXPECT_EQ(text_at(ada_.take("error.command"), {"payload", "code"}), "command.retryable");
}

}  // namespace
}  // namespace ndcast::session
