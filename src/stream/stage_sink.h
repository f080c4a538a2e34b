#pragma once
// Who hears where the time of each frame went, on its way and at its viewer.

#include <chrono>
#include <optional>

#include "stream/frame_state.h"
#include "stream/pixel_note.h"

namespace ndcast::stream {

/// Control thread only.
class StageSink {
 public:
  virtual ~StageSink() = default;
  /// A frame went to one socket, `bytes` in all; its times are complete.
  virtual void on_sent(const StageTimes& times, std::size_t bytes) = 0;
  /// A viewer noted a frame (WP22). `round_trip` is without what the viewer held it.
  virtual void on_presented(const PresentedNote& note, std::optional<std::chrono::nanoseconds> round_trip) = 0;
};

}  // namespace ndcast::stream
