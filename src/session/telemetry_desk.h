#pragma once
// Who asked for nd.telemetry (WP14), and when each is told: twice a second while frames flow, every 10 s at rest.
//
//   desk.subscribe(session, now);
//   for (const SessionId& id : desk.due(now)) if (auto notice = desk.notice(id, measure(id), now)) tell(id, *notice);
//
// Control thread only (or any one thread: it has no clock and calls nobody).

#include <map>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "protocol/telemetry.h"
#include "session/room_services.h"

namespace ndcast::session {

class TelemetryDesk {
 public:
  static constexpr std::chrono::milliseconds kLook{500};
  static constexpr std::chrono::seconds kAtRest{10};

  /// The first notice is due at once.
  void subscribe(const SessionId& session, MonotonicTime now);
  void drop(const SessionId& session) { subscribers_.erase(session); }

  /// Who is to be looked at.
  std::vector<SessionId> due(MonotonicTime now) const;
  std::optional<MonotonicTime> next_deadline() const;

  /// What the session is told, with rates since its last notice; nothing while its view rests and it was told lately.
  /// `measured` is of the view that it sees, whose level `shown` is. The session is a subscriber.
  std::optional<protocol::TelemetryNotice> notice(const SessionId& session, const scene::ViewId& view,
                                                  const Measurements& measured, const scene::LodShown& shown,
                                                  MonotonicTime now);

 private:
  struct Subscriber {
    MonotonicTime look_at;
    std::optional<MonotonicTime> told_at;
    scene::ViewId view;
    std::uint64_t frames = 0;  ///< as told last
    std::uint64_t bytes = 0;
  };
  std::map<SessionId, Subscriber> subscribers_;
};

}  // namespace ndcast::session
