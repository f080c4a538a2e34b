#pragma once
// WP6: the server beats every kHeartbeatInterval, anything the client sends is a sign of life, and two beats without
// one end the session. Pure: told of frames and of time, it says what to do.

#include <optional>

#include "base/clock.h"

namespace ndcast::session {

class Heartbeat {
 public:
  enum class Step { Nothing, Beat, Dead };

  /// The first beat is one interval after `now`.
  explicit Heartbeat(MonotonicTime now);

  void on_inbound() { waiting_ = false; }
  /// Beat: send session.heartbeat. Dead: the client missed two.
  Step tick(MonotonicTime now);
  MonotonicTime next_deadline() const { return next_beat_; }

 private:
  MonotonicTime next_beat_;
  bool waiting_ = false;  ///< a beat went out and nothing came since
  int missed_ = 0;
};

}  // namespace ndcast::session
