#pragma once
// Where the time of a process' pictures goes, for /metrics: one histogram a stage, over all rooms, views and viewers.
//
//   StageMetrics metrics;
//   … as the StageSink of every pixel channel …
//   http_body = metrics.text();

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "stream/stage_sink.h"

namespace prometheus {
class Counter;
class Histogram;
class Registry;
}  // namespace prometheus

namespace ndcast::room {

class StageMetrics final : public stream::StageSink {
 public:
  StageMetrics();
  ~StageMetrics() override;

  void on_sent(const stream::StageTimes& times, std::size_t bytes) override;
  void on_presented(const stream::PresentedNote& note, std::optional<std::chrono::nanoseconds> round_trip) override;

  /// Prometheus' text exposition format, version 0.0.4.
  std::string text() const;
  static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

 private:
  enum class Stage { Wait, Render, Convert, Encode, Queue, Total, RoundTrip, Decode, Present };
  static constexpr std::size_t kStages = 9;
  void observe(Stage stage, double ms);

  std::shared_ptr<prometheus::Registry> registry_;
  std::array<prometheus::Histogram*, kStages> stages_{};  ///< by Stage; the registry's
  prometheus::Counter* frames_ = nullptr;
  prometheus::Counter* bytes_ = nullptr;
};

}  // namespace ndcast::room
