#include "session/telemetry_desk.h"

#include <algorithm>
#include <cmath>

namespace ndcast::session {

void TelemetryDesk::subscribe(const SessionId& session, MonotonicTime now) {
  subscribers_[session] = Subscriber{.look_at = now};
}

std::vector<SessionId> TelemetryDesk::due(MonotonicTime now) const {
  std::vector<SessionId> sessions;
  for (const auto& [id, subscriber] : subscribers_) {
    if (subscriber.look_at <= now) sessions.push_back(id);
  }
  return sessions;
}

std::optional<MonotonicTime> TelemetryDesk::next_deadline() const {
  std::optional<MonotonicTime> earliest;
  for (const auto& [id, subscriber] : subscribers_) {
    earliest = earliest ? std::min(*earliest, subscriber.look_at) : subscriber.look_at;
  }
  return earliest;
}

std::optional<protocol::TelemetryNotice> TelemetryDesk::notice(const SessionId& session, const scene::ViewId& view,
                                                               const Measurements& measured,
                                                               const scene::LodShown& shown, MonotonicTime now) {
  Subscriber& subscriber = subscribers_.at(session);
  subscriber.look_at = now + kLook;
  const bool is_same_stream = subscriber.view == view && measured.frames >= subscriber.frames;
  const bool flows = !is_same_stream || measured.frames != subscriber.frames;
  if (subscriber.told_at && !flows && now < *subscriber.told_at + kAtRest) return std::nullopt;
  protocol::TelemetryNotice notice{.view = view.value};
  if (subscriber.told_at && is_same_stream) {
    const double seconds = std::chrono::duration<double>(now - *subscriber.told_at).count();
    if (seconds > 0) {
      notice.fps = static_cast<double>(measured.frames - subscriber.frames) / seconds;
      notice.bitrate = std::llround(8.0 * static_cast<double>(measured.bytes - subscriber.bytes) / seconds);
    }
  }
  notice.frames = static_cast<std::int64_t>(measured.frames);
  notice.stages_ms = measured.stages_ms;
  notice.connection = measured.connection;
  notice.level_wanted = shown.wanted;
  notice.level_shown = shown.level;
  notice.level_reason = shown.reason;
  notice.chunks_wanted = static_cast<std::int64_t>(measured.chunks_wanted);
  notice.chunks_visible = static_cast<std::int64_t>(measured.chunks_visible);
  notice.chunks_loaded = static_cast<std::int64_t>(measured.chunks_loaded);
  notice.chunks_failed = static_cast<std::int64_t>(measured.chunks_failed);
  notice.cache_bytes = static_cast<std::int64_t>(measured.cache_bytes);
  notice.cache_limit_bytes = static_cast<std::int64_t>(measured.cache_limit_bytes);
  notice.resident_bytes = static_cast<std::int64_t>(measured.resident_bytes);
  subscriber.told_at = now;
  subscriber.view = view;
  subscriber.frames = measured.frames;
  subscriber.bytes = measured.bytes;
  return notice;
}

}  // namespace ndcast::session
