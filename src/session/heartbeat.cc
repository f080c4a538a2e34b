#include "session/heartbeat.h"

#include "base/limits.h"

namespace ndcast::session {
namespace {

constexpr int kMissesAllowed = 2;

}  // namespace

Heartbeat::Heartbeat(MonotonicTime now) : next_beat_(now + limits::kHeartbeatInterval) {}

Heartbeat::Step Heartbeat::tick(MonotonicTime now) {
  if (now < next_beat_) return Step::Nothing;
  missed_ = waiting_ ? missed_ + 1 : 0;
  if (missed_ >= kMissesAllowed) return Step::Dead;
  next_beat_ = now + limits::kHeartbeatInterval;
  waiting_ = true;
  return Step::Beat;
}

}  // namespace ndcast::session
