#pragma once
// One connection, from its socket's opening to its end: AwaitsHello → Open → Closed. Plain state; what happens to it is
// in the handlers (dispatch.h), what it is told in the mirrors.

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "auth/roles.h"
#include "base/clock.h"
#include "ledger/ledger.h"
#include "protocol/handshake.h"
#include "session/backlog.h"
#include "session/heartbeat.h"
#include "session/session_hub.h"
#include "session/undo_log.h"

namespace ndcast::session {

enum class Dialect { Native, Original };

/// WP8: acks of a session's last updates, so that the same frame sent again gets the same answer and is not done again.
class AnsweredUpdates {
 public:
  struct Answer {
    std::string frame_id;
    std::string intent_id;
    Json payload;
  };
  const Answer* find(std::string_view frame_id, std::string_view intent_id) const;
  void remember(Answer answer);

 private:
  std::deque<Answer> answers_;
};

struct Session {
  enum class Phase { AwaitsHello, Open, Closed };
  /// State that the session has yet to be given before it is told of changes.
  enum class Owed {
    Nothing,
    State,   ///< everything: nd.snapshot, or the original's baseline
    Resume,  ///< what it missed since `since`, or everything
    Fresh,   ///< everything, once it has taken what is queued (WP18)
  };

  Session(SessionId session_id, std::shared_ptr<Sink> session_sink, ConnectionInfo info, const SessionRates& rate,
          MonotonicTime now)
      : id(std::move(session_id)),
        sink(std::move(session_sink)),
        connection(std::move(info)),
        opened_at(now),
        heartbeat(now),
        rates(rate, now) {}

  const SessionId id;
  const std::shared_ptr<Sink> sink;
  const ConnectionInfo connection;
  const MonotonicTime opened_at;

  Phase phase = Phase::AwaitsHello;
  Dialect dialect = Dialect::Native;
  auth::Role role = auth::Role::Viewer;
  std::optional<MonotonicTime> expires_at;  ///< its token ends then, and the session with it
  protocol::Actor actor;
  scene::ViewId view = scene::kMainView;  ///< what it sees, and what it calls "main" (WP32)
  /// Where its own moves land: the room's first view or a fork. Another one than `view` while it follows.
  scene::ViewId home = scene::kMainView;
  std::optional<SessionId> follows;  ///< whose changes of view it goes along with
  std::uint8_t binding = 0;          ///< how often `view` changed, modulo 256

  Heartbeat heartbeat;
  RateLimiter rates;
  Seat seat;
  Backlog backlog;
  Owed owed = Owed::Nothing;
  std::optional<protocol::Since> since;  ///< native: where its knowledge ends
  bool knows_who_is_here = false;        ///< native: was told all of WP14, and is told what changes
  std::string layers_token;              ///< original: a known resume token of notify.layers, or empty

  std::optional<std::int64_t> last_client_seq;
  AnsweredUpdates answered;
  std::vector<Json> unsaid_answers;  ///< payloads of ack.state that go out before anything else (HubCore::answer)
  UndoLog undo;
  std::optional<MonotonicTime> unknown_told_at;  ///< WP7: at most once a minute

  bool is_open() const { return phase == Phase::Open; }
  bool is_following() const { return view != home; }
  /// It sees what somebody else moves, or goes where somebody goes.
  bool goes_along() const { return is_following() || follows.has_value(); }
  /// Provenance of what the session does, without an intent.
  ledger::Author author() const;
};

}  // namespace ndcast::session
