#include "room/stage_metrics.h"

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "base/clock.h"

namespace ndcast::room {
namespace {

/// In the order of StageMetrics::Stage.
constexpr std::array kStageNames = {"intent_to_render", "render", "convert", "encode", "queue", "total",
                                    "round_trip",       "decode", "present"};

/// Seconds: from a copy to a frame that somebody would complain about, about twice each.
prometheus::Histogram::BucketBoundaries bounds() {
  return {0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.033, 0.066, 0.125, 0.25, 0.5, 1, 2, 5};
}

}  // namespace

StageMetrics::StageMetrics() : registry_(std::make_shared<prometheus::Registry>()) {
  static_assert(kStageNames.size() == kStages);
  auto& stages =
      prometheus::BuildHistogram()
          .Name("ndcast_frame_stage_seconds")
          .Help("Time of one frame for one viewer in one stage; round_trip, decode and present as viewers note")
          .Register(*registry_);
  for (std::size_t i = 0; i < kStages; ++i) stages_[i] = &stages.Add({{"stage", kStageNames[i]}}, bounds());
  frames_ = &prometheus::BuildCounter()
                 .Name("ndcast_frames_sent_total")
                 .Help("Frames handed to viewers' sockets, strips of stills not counted")
                 .Register(*registry_)
                 .Add({});
  bytes_ = &prometheus::BuildCounter()
                .Name("ndcast_frame_bytes_total")
                .Help("Bytes of those frames, headers included")
                .Register(*registry_)
                .Add({});
}

StageMetrics::~StageMetrics() = default;

void StageMetrics::observe(Stage stage, double ms) { stages_[static_cast<std::size_t>(stage)]->Observe(ms / 1000); }

void StageMetrics::on_sent(const stream::StageTimes& times, std::size_t bytes) {
  // 0: a picture that was encoded again, for somebody who joined or because it rests.
  if (times.total_ms > 0) {
    observe(Stage::Wait, times.intent_to_render_ms);
    observe(Stage::Render, times.render_ms);
    observe(Stage::Total, times.total_ms);
  }
  observe(Stage::Convert, times.convert_ms);
  observe(Stage::Encode, times.encode_ms);
  observe(Stage::Queue, times.queue_ms);
  frames_->Increment();
  bytes_->Increment(static_cast<double>(bytes));
}

void StageMetrics::on_presented(const stream::PresentedNote& note, std::optional<std::chrono::nanoseconds> round_trip) {
  if (round_trip) observe(Stage::RoundTrip, milliseconds(*round_trip));
  observe(Stage::Decode, note.decode_ms);
  observe(Stage::Present, note.present_ms);
}

std::string StageMetrics::text() const { return prometheus::TextSerializer().Serialize(registry_->Collect()); }

}  // namespace ndcast::room
