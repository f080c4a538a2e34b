#pragma once
// Who is in a room and what they point at (WP14): the latest of each, and what of it everybody has yet to hear. Not in
// the ledger, not in history.
//
//   board.note(present);                      // came, or sees another view
//   board.point(session, cursor);
//   if (auto notice = board.take(now)) tell_everybody_who_knows_the_rest(*notice);
//   tell_newcomer(board.whole());
//
// Control thread only (or any one thread: it has no clock and calls nobody).

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "base/clock.h"
#include "protocol/presence.h"
#include "session/room_services.h"

namespace ndcast::session {

class PresenceBoard {
 public:
  /// 20 times a second, as a hand is followed smoothly; the more are here, the rarer, so that the news cost a second
  /// what they cost with kPeopleShown.
  static constexpr std::chrono::milliseconds kInterval{50};
  /// More names than a list shows; those who came first.
  static constexpr std::size_t kPeopleShown = 64;

  /// `present` says everything but the colour and the cursor, which stay.
  void note(protocol::Present present);
  void point(const SessionId& session, std::optional<std::vector<double>> cursor);
  void drop(const SessionId& session);

  /// What changed since the last, when it is time to say so.
  std::optional<protocol::PresenceNotice> take(MonotonicTime now);
  protocol::PresenceNotice whole() const;
  std::optional<MonotonicTime> next_deadline() const;

 private:
  using Arrival = std::uint64_t;
  static constexpr std::size_t kColors = 12;

  bool is_shown(Arrival arrival) const { return arrival <= last_shown_; }
  /// After somebody came or went.
  void find_last_shown();
  std::size_t rarest_color() const;
  MonotonicTime due() const;

  std::map<Arrival, protocol::Present> people_;
  std::map<std::string, Arrival> arrivals_;  ///< by session
  Arrival next_arrival_ = 1;
  Arrival last_shown_ = 0;
  std::array<std::size_t, kColors> color_users_{};
  std::map<Arrival, std::size_t> colors_;
  std::set<Arrival> changed_;
  std::vector<std::string> gone_;
  bool count_changed_ = false;
  std::optional<MonotonicTime> told_at_;
};

}  // namespace ndcast::session
