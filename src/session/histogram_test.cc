// A layer's values (protocol.md WP36), with a room that answers when the test says so.

#include "session/histogram.h"

#include <gtest/gtest.h>

#include "session/testing.h"

namespace ndcast::session {
namespace {

using namespace testing;

LayerHistogram seen(double low, double high) {
  return {.level = 1,
          .levels = 3,
          .extremes = {low, high},
          .first = low,
          .width = 2,
          .counts = {3, 0, 1},
          .percentiles = {low, high},
          .voxels = 5,
          .not_finite = 1,
          .server_seq = 7};
}

class HistogramTest : public ::testing::Test {
 protected:
  /// The query that reached the room, or the refusal's message.
  std::variant<HistogramQuery, std::string> ask(std::string_view command, std::string_view kwargs) {
    ada_.clear();
    ada_.call(command, *parse_json(kwargs));
    if (ada_.has("error.command")) return text_at(ada_.take("error.command"), {"payload", "message"});
    return rig_.room.counts.back().first;
  }
  std::string refusal(std::string_view command, std::string_view kwargs) {
    const auto answer = ask(command, kwargs);
    const auto* message = std::get_if<std::string>(&answer);
    return message ? *message : "taken";
  }
  void answer(const Result<LayerHistogram>& counts) {
    ASSERT_FALSE(rig_.room.counts.empty());
    const auto done = std::move(rig_.room.counts.back().second);
    rig_.room.counts.clear();
    done(counts);
    rig_.settle();
  }
  Json result() { return at(ada_.take("reply.command"), {"payload", "result"}); }

  Rig rig_;
  Client ada_ = rig_.settled(rig_.native("ada"));
  Client bob_ = rig_.settled(rig_.native("bob"));
};

TEST_F(HistogramTest, WP36_CountsWithTheLevelTheyComeFrom) {
  const auto query = std::get<HistogramQuery>(
      ask("nd.histogram", R"({"layer":"layer-0","bins":3,"percentiles":[1,99.5],"region":{"z":1,"y":[2,4]}})"));
  EXPECT_EQ(query.bins, 3U);
  EXPECT_EQ(query.percentiles, (std::vector<double>{1, 99.5}));
  EXPECT_EQ(query.region.at("z"), (std::array<std::int64_t, 2>{1, 2}));
  EXPECT_EQ(query.region.at("y"), (std::array<std::int64_t, 2>{2, 4}));
  answer(seen(10, 16));
  const Json counts = result();
  EXPECT_EQ(
      to_string(counts),
      R"({"layer":"layer-0","level":1,"levels":3,"exact":false,"sampled":false,"min":10.0,"max":16.0,"first":10.0,)"
      R"("width":2.0,"counts":[3,0,1],"percentiles":[{"percent":1.0,"value":10.0},{"percent":99.5,"value":16.0}],)"
      R"("voxels":5,"not_finite":1,"server_seq":7})");
  EXPECT_TRUE(rig_.room.jobs.empty());
}

TEST_F(HistogramTest, WP36_WhatIsWrongIsSaid) {
  EXPECT_EQ(refusal("nd.histogram", R"({"layer":"layer-9"})"), "layer: there is no layer \"layer-9\"");
  EXPECT_EQ(refusal("nd.histogram", R"({"layer":"layer-0","bins":1})"), "bins: expected 2 to 4096, found 1");
  EXPECT_EQ(refusal("nd.histogram", R"({"layer":"layer-0","percentiles":[101]})"),
            "percentiles: expected numbers from 0 to 100, found 101");
  EXPECT_EQ(refusal("nd.histogram", R"({"layer":"layer-0","region":{"q":1}})"), "region: there is no axis \"q\"");
  for (const char* range : {"-1", "[3,3]", "[0,1000000]", "\"all\"", "[1]", "[1,2,3]"}) {
    EXPECT_TRUE(refusal("nd.histogram", fmt::format(R"({{"layer":"layer-0","region":{{"z":{}}}}})", range))
                    .starts_with("region: z: expected"))
        << range;
  }
  EXPECT_EQ(refusal("nd.contrast.auto", R"({"layer":"layer-0","percentiles":[9,1]})"),
            "percentiles: expected two, the lower one first");
  ask("nd.histogram", R"({"layer":"layer-0"})");
  answer(fail(ErrorCode::NotFound, "the image is not open"));
  EXPECT_EQ(text_at(ada_.take("error.command"), {"payload", "code"}), "command.invalid");
}

TEST_F(HistogramTest, WP36_IsRefinedInAJob) {
  ask("nd.histogram", R"({"layer":"layer-0","refine":true})");
  ASSERT_EQ(rig_.room.jobs.size(), 1U);
  EXPECT_EQ(std::get<LayerHistogramJob>(rig_.room.jobs[0].second).query.layer.value, "layer-0");
  answer(seen(0, 1));
  EXPECT_EQ(text_at(result(), {"job"}), rig_.room.jobs[0].first);
  rig_.room.refuses_jobs = true;
  ask("nd.histogram", R"({"layer":"layer-0","refine":true})");
  EXPECT_TRUE(rig_.room.counts.empty()) << "nothing was begun";
}

TEST_F(HistogramTest, WP36_AutoContrastIsTheCallersOwnChange) {
  const auto query = std::get<HistogramQuery>(ask("nd.contrast.auto", R"({"layer":"layer-1"})"));
  EXPECT_EQ(query.percentiles, (std::vector<double>{0.1, 99.9}));
  bob_.clear();
  answer(seen(11, 42));
  const Json done = result();
  EXPECT_EQ(to_string(at(done, {"contrast_limits"})), "[11.0,42.0]");
  const Json told = register_of(bob_.take("nd.commit"), "layer", "layer-1", "contrast_limits");
  EXPECT_EQ(to_string(at(told, {"value"})), "[11.0,42.0]");
  EXPECT_EQ(text_at(told, {"actor"}), "ada");
  ada_.call("nd.undo");
  EXPECT_EQ(text_at(at(result(), {"changed"}).array().at(0), {"key"}), "contrast_limits");
}

TEST_F(HistogramTest, WP36_AWindowIsNeverEmpty) {
  ask("nd.contrast.auto", R"({"layer":"layer-0"})");
  LayerHistogram flat = seen(5, 5);
  flat.extremes = {5, 9};
  answer(flat);
  EXPECT_EQ(to_string(at(result(), {"contrast_limits"})), "[5.0,9.0]");
  ask("nd.contrast.auto", R"({"layer":"layer-0"})");
  answer(seen(5, 5));
  EXPECT_EQ(to_string(at(result(), {"contrast_limits"})), "[5.0,6.0]");
  ask("nd.contrast.auto", R"({"layer":"layer-0"})");
  LayerHistogram nothing = seen(0, 0);
  nothing.not_finite = nothing.voxels;
  answer(nothing);
  EXPECT_EQ(text_at(ada_.take("error.command"), {"payload", "message"}), "the layer has no finite value there");
}

TEST_F(HistogramTest, WP36_ALayerOrACallerThatLeftMeanwhile) {
  ask("nd.contrast.auto", R"({"layer":"layer-0"})");
  const std::uint64_t before = rig_.room.ledger().server_seq();
  rig_.hub->on_close(ada_.id);
  answer(seen(1, 2));
  EXPECT_GT(rig_.room.ledger().server_seq(), before) << "what was asked for is done";
}

}  // namespace
}  // namespace ndcast::session
