// Lines and boxes (protocol.md WP41, WP42), with a room that answers when the test says so.

#include "session/reading.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "session/testing.h"

namespace ndcast::session {
namespace {

using namespace testing;

class ReadingTest : public ::testing::Test {
 protected:
  /// The refusal's message, or "taken".
  std::string ask(std::string_view command, std::string_view kwargs) {
    ada_.clear();
    ada_.call(command, *parse_json(kwargs));
    return ada_.has("error.command") ? text_at(ada_.take("error.command"), {"payload", "message"}) : "taken";
  }
  Json result() { return at(ada_.take("reply.command"), {"payload", "result"}); }
  std::size_t axis(std::string_view label) {
    const auto& axes = rig_.room.ledger().snapshot()->axes->axes;
    return static_cast<std::size_t>(std::ranges::find(axes, label, &scene::Axis::label) - axes.begin());
  }
  template <class Asked, class Answer>
  void answer(Asked& asked, const Answer& with) {
    const auto done = std::move(asked.back().second);
    asked.clear();
    done(with);
    rig_.settle();
  }
  std::string first_layer() { return rig_.room.ledger().snapshot()->layers.front()->id.value; }

  Rig rig_;
  Client ada_ = rig_.settled(rig_.native("ada"));
};

TEST_F(ReadingTest, WP41_EndsAreWhereTheViewIsButForTheAxesThatAreNamed) {
  EXPECT_EQ(ask("nd.profile", R"({"from":{"x":2.5},"to":{"x":7}})"), "taken");
  const ProfileQuery& query = rig_.room.profiles.back().first;
  EXPECT_EQ(query.from[axis("x")], 2.5);
  EXPECT_EQ(query.to[axis("x")], 7.0);
  for (std::size_t i = 0; i < query.from.size(); ++i) {
    if (i != axis("x")) {
      EXPECT_EQ(query.from[i], query.to[i]);
    }
  }
  EXPECT_FALSE(query.layer);
}

TEST_F(ReadingTest, WP41_TheAnswerSaysLengthLevelAndValues) {
  ask("nd.profile", R"({"from":{"x":1},"to":{"x":4}})");
  answer(rig_.room.profiles,
         Result<Profile>(Profile{.length = 3,
                                 .unit = "micrometer",
                                 .samples = 3,
                                 .layers = {{scene::LayerId{"layer-1"}, 1, 4, {Json(7), Json(), Json("nan")}}},
                                 .server_seq = 9}));
  const Json seen = result();
  EXPECT_EQ(to_string(*seen.find("layers")), R"([{"layer":"layer-1","level":1,"levels":4,"values":[7,null,"nan"]}])");
  EXPECT_EQ(seen.find("length")->as_double(), 3.0);
  EXPECT_EQ(seen.find("unit")->string(), "micrometer");
  EXPECT_EQ(seen.find("samples")->as_int64(), 3);
  EXPECT_EQ(seen.find("server_seq")->as_int64(), 9);
  EXPECT_EQ(seen.find("from")->find("x")->as_double(), 1.0);
}

TEST_F(ReadingTest, WP41_WhatIsWrongIsSaid) {
  EXPECT_EQ(ask("nd.profile", "{}"), "from: expected an object of axes");
  EXPECT_EQ(ask("nd.profile", R"({"from":{"x":1}})"), "to: expected an object of axes");
  EXPECT_EQ(ask("nd.profile", R"({"from":{"x":1},"to":{"q":2}})"), "to: there is no axis \"q\"");
  EXPECT_EQ(ask("nd.profile", R"({"from":{"x":1},"to":{"x":"2"}})"), "to: x: expected a number, found \"2\"");
  EXPECT_EQ(ask("nd.profile", R"({"from":{"x":1},"to":{"x":1e200}})"),
            "to: x: expected a number of at most 1e+30, found 1e+200");
  EXPECT_EQ(ask("nd.profile", R"({"from":{"x":1},"to":{"x":1}})"), "from and to are the same place");
  EXPECT_EQ(ask("nd.profile", R"({"from":{"x":1},"to":{"x":2},"layer":"none"})"), "layer: there is no layer \"none\"");
  ask("nd.profile", R"({"from":{"x":1},"to":{"x":2}})");
  answer(rig_.room.profiles, Result<Profile>(fail(ErrorCode::Limit, "too much is being read")));
  EXPECT_EQ(text_at(ada_.take("error.command"), {"payload", "code"}), "command.retryable");
}

TEST_F(ReadingTest, WhatIsNoNumberInTheEndIsNull) {
  ask("nd.profile", R"({"from":{"x":1},"to":{"x":2}})");
  answer(rig_.room.profiles, Profile{.length = std::numeric_limits<double>::infinity(), .samples = 2});
  EXPECT_EQ(at(ada_.take("reply.command"), {"payload", "result", "length"}), Json());
  ask("nd.region", R"({"world":{"x":[2,7]}})");
  const LayerRegion huge{.layer = scene::LayerId{"a"}, .size = std::numeric_limits<double>::infinity()};
  answer(rig_.room.regions, Region{.layers = {huge}, .server_seq = 1});
  const Json reply = ada_.take("reply.command");
  EXPECT_EQ(at(reply, {"payload", "result", "layers"}).array()[0].find("size")->is_null(), true);
}

TEST_F(ReadingTest, WP42_RangesAndPlacesInAnyOrder) {
  EXPECT_EQ(ask("nd.region", R"({"world":{"x":[7,2.5],"y":3},"layer":")" + first_layer() + R"("})"), "taken");
  const RegionQuery& query = rig_.room.regions.back().first;
  EXPECT_EQ(query.world[axis("x")], (std::array{2.5, 7.0}));
  EXPECT_EQ(query.world[axis("y")], (std::array{3.0, 3.0}));
  EXPECT_EQ(query.layer, scene::LayerId{first_layer()});
}

TEST_F(ReadingTest, WP42_OnlyWhatWasReadWholeHasASum) {
  ask("nd.region", R"({"world":{"x":[2,7]}})");
  LayerRegion whole{.layer = scene::LayerId{"a"},
                    .begin = {2},
                    .end = {7},
                    .size = 5,
                    .voxels = 5,
                    .min = 1,
                    .max = 3,
                    .mean = 2,
                    .deviation = 0.5,
                    .sum = 10};
  LayerRegion coarse = whole;
  coarse.level = 1;
  LayerRegion sampled = whole;
  sampled.sampled = true;
  LayerRegion outside{.layer = scene::LayerId{"b"}, .min = NAN, .max = NAN, .mean = NAN, .deviation = NAN};
  answer(rig_.room.regions, Result<Region>(Region{.layers = {whole, coarse, sampled, outside}, .server_seq = 4}));
  const Json seen = result();
  const Json::Array& layers = seen.find("layers")->array();
  EXPECT_EQ(layers[0].find("sum")->as_double(), 10.0);
  EXPECT_TRUE(layers[0].find("exact")->boolean());
  EXPECT_EQ(layers[0].find("std")->as_double(), 0.5);
  EXPECT_FALSE(layers[1].find("sum"));
  EXPECT_FALSE(layers[1].find("exact")->boolean());
  EXPECT_FALSE(layers[2].find("sum"));
  EXPECT_TRUE(layers[3].find("mean")->is_null());
  EXPECT_EQ(to_string(*layers[3].find("begin")), "[]");
  EXPECT_EQ(to_string(*seen.find("world")->find("x")), "[2.0,7.0]");
}

TEST_F(ReadingTest, WP42_WhatIsWrongIsSaid) {
  EXPECT_EQ(ask("nd.region", "{}"), "world: expected an object of axes");
  EXPECT_EQ(ask("nd.region", R"({"world":{"x":[1]}})"), "world: x: expected a number or [low, high], found [1]");
  EXPECT_EQ(ask("nd.region", R"({"world":{"x":[1,null]}})"), "world: x: expected a number, found null");
  EXPECT_EQ(ask("nd.region", R"({"world":{"q":[1,2]}})"), "world: there is no axis \"q\"");
  ask("nd.region", R"({"world":{"x":[1,2]}})");
  answer(rig_.room.regions, Result<Region>(fail(ErrorCode::NotFound, "not open")));
  EXPECT_EQ(text_at(ada_.take("error.command"), {"payload", "code"}), "command.invalid");
}

}  // namespace
}  // namespace ndcast::session
