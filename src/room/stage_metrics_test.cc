#include "room/stage_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ndcast::room {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(StageMetrics, EachStageIsAHistogramInSeconds) {
  StageMetrics metrics;
  metrics.on_sent(
      {.intent_to_render_ms = 1, .render_ms = 10, .convert_ms = 2, .encode_ms = 5, .queue_ms = 0.25F, .total_ms = 20},
      1234);
  metrics.on_sent({.render_ms = 30}, 766);
  metrics.on_presented({.seq = 1, .decode_ms = 3, .present_ms = 7}, std::chrono::milliseconds(40));
  metrics.on_presented({.seq = 2, .decode_ms = 3, .present_ms = 7}, std::nullopt);
  const std::string text = metrics.text();
  EXPECT_THAT(text, HasSubstr("# TYPE ndcast_frame_stage_seconds histogram"));
  EXPECT_THAT(text, HasSubstr("ndcast_frame_stage_seconds_count{stage=\"encode\"} 2"));
  EXPECT_THAT(text, HasSubstr("ndcast_frame_stage_seconds_bucket{stage=\"render\",le=\"0.016\"} 1"));
  EXPECT_THAT(text, HasSubstr("ndcast_frame_stage_seconds_bucket{stage=\"render\",le=\"0.008\"} 0"));
  EXPECT_THAT(text, HasSubstr("ndcast_frame_stage_seconds_count{stage=\"total\"} 1")) << "one was encoded again";
  EXPECT_THAT(text, HasSubstr("ndcast_frame_stage_seconds_count{stage=\"render\"} 1"));
  EXPECT_THAT(text, HasSubstr("ndcast_frame_stage_seconds_count{stage=\"round_trip\"} 1"));
  EXPECT_THAT(text, HasSubstr("ndcast_frame_stage_seconds_count{stage=\"present\"} 2"));
  EXPECT_THAT(text, HasSubstr("ndcast_frames_sent_total 2\n"));
  EXPECT_THAT(text, HasSubstr("ndcast_frame_bytes_total 2000\n"));
  EXPECT_THAT(text, Not(HasSubstr("nan")));
}

}  // namespace
}  // namespace ndcast::room
