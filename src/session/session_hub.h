#pragma once
// All state sessions of one room: who is connected, what each may do and has been told. Frames come in through on_text,
// the room's news through on_commit and on_watermark, time through tick; what goes out leaves through each session's
// Sink. No sockets, no threads, no clock of its own, so that a test can play any story by hand.
//
//   SessionHub hub(room, clock, {.room = "main", .authenticate = check_token});
//   const SessionId id = hub.open(sink, {.authorised = Role::Editor, .remote = "127.0.0.1"});
//   hub.on_text(id, hello);                        // → session.welcome, nd.snapshot
//   hub.on_text(id, state_update);                 // → ack.state, then nd.commit to everyone
//   arm_timer(hub.next_deadline());                // → hub.tick()
//
// Control thread only.

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "auth/grant.h"
#include "base/clock.h"
#include "base/ids.h"
#include "base/limits.h"
#include "ledger/flush.h"
#include "ledger/ledger.h"
#include "protocol/thumbnail.h"
#include "session/rate_limiter.h"
#include "session/room_services.h"
#include "session/seats.h"

namespace ndcast::session {

/// Where a session's frames go. Calls never come back into the hub before they return.
class Sink {
 public:
  virtual ~Sink() = default;
  /// One frame, in order. The text may be shared with other sinks.
  virtual void send_text(std::shared_ptr<const std::string> text) = 0;
  /// Sends what is queued, then closes with a WebSocket code. The hub sends nothing after it.
  virtual void close(std::uint16_t code, std::string_view reason) = 0;
  /// Bytes accepted and not yet taken by the network (WP18).
  virtual std::size_t queued_bytes() const = 0;
};

/// Which dialects a listener speaks: the ports of the original client (--napari-ports) speak only its own.
enum class Listener { Any, OriginalOnly };

struct ConnectionInfo {
  /// What the request's token or cookie grants, or the listener's fixed role; nothing when the request carried no good
  /// one, so that the hello must (WP1).
  std::optional<auth::Grant> authorised;
  /// Why the request's token was no good; told to a hello that brings none either.
  std::optional<auth::Denied> denied;
  Listener listener = Listener::Any;
  std::string remote;  ///< address for the log; empty: the socket's
};

struct HubConfig {
  std::string room = "main";
  /// What a token presented in hello.auth grants. Unset: every token is wrong.
  std::function<std::expected<auth::Grant, auth::Denied>(std::string_view token)> authenticate;
  std::size_t max_sessions = limits::kSessionsPerRoom;
  SessionRates rates;
  /// Of all rooms of the process; null: only max_sessions counts.
  std::shared_ptr<Seats> seats;
  /// The owner calls tick() soon after each on_text(): what several frames of one moment changed is told in one flush.
  bool flushes_on_tick = false;
  /// Make the ids of sessions, of 36 characters, and what follows "view-" in those of views. A story that is to be
  /// played again foresees them.
  std::function<std::string()> make_session_id = random_uuid;
  std::function<std::string()> make_view_number = [] { return random_hex(4); };
};

using OpenedOp = ledger::OpenedOp;

/// For metrics and health; all but `sessions` only rise.
struct HubStats {
  std::size_t sessions = 0;  ///< welcomed and connected
  std::uint64_t frames_in = 0;
  std::uint64_t frames_out = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t malformed = 0;      ///< frames that did not parse
  std::uint64_t unknown_types = 0;  ///< frames of a type that the server does not serve
  std::uint64_t flushes = 0;
  std::uint64_t refused_handshakes = 0;
  std::uint64_t refused_updates = 0;
  std::uint64_t rate_limited = 0;  ///< frames that came too fast
  std::uint64_t failed_ops = 0;
  std::uint64_t snapshots_for_laggards = 0;
};

class HubCore;

class SessionHub {
 public:
  /// `services` and `clock` outlive the hub. What the ledger already holds counts as told: the first snapshot a session
  /// gets carries it.
  SessionHub(RoomServices& services, const Clock& clock, HubConfig config);
  ~SessionHub();
  SessionHub(const SessionHub&) = delete;
  SessionHub& operator=(const SessionHub&) = delete;

  /// A socket opened. Its first frame within limits::kHelloTimeout must be session.hello (WP3). A full room refuses and
  /// closes at once; the id then names nothing.
  SessionId open(std::shared_ptr<Sink> sink, ConnectionInfo info);
  /// A text frame came; unknown ids are ignored (the socket may have been closed just now).
  void on_text(const SessionId& session, std::string_view text);
  /// The sink took what was queued (WP18: a lagging session catches up). False when nothing came of it, as with every
  /// session that keeps up: next_deadline() is what it was.
  bool on_writable(const SessionId& session);
  /// The socket is gone, whoever closed it.
  void on_close(const SessionId& session);

  /// The room committed; RoomServices::commit calls this before it returns. Sends nothing by itself: acks go first
  /// (WP8) and commits of one moment merge (WP12). Call tick() when a group of commits is done, or let next_deadline()
  /// do it.
  void on_commit(const ledger::Committed& committed, const std::optional<OpenedOp>& opened = std::nullopt);
  /// A view's watermark moved. Commit that apply's poses and level decision first: an op that the watermark reaches is
  /// closed here, through RoomServices::commit, and the flush that says so carries them (WP13). Resolves nd.wait_until.
  void on_watermark(const scene::ViewId& view);

  /// RoomServices::durable_seq() or awaited_seq() changed: what was held back leaves, in order (WP26).
  void on_durable();
  /// The ledger has another history_id: everybody who speaks the native dialect is given a fresh snapshot.
  void on_history_renewed();
  /// WP28: why nothing is kept at present, or nothing when it is again. Everybody is told.
  void on_durability(const std::optional<std::string>& trouble);
  /// WP37: a picture could not be drawn, or not all of it; `trouble` is a sentence. Everybody is told, the same
  /// sentence once in ten seconds.
  void on_render_trouble(const std::string& trouble);

  /// A layer was drawn in small (WP34).
  void on_thumbnail(protocol::ThumbnailNotice thumbnail);
  /// News of a job that RoomServices::start_job() started (WP35). Unknown ones are ignored.
  void on_job_progress(const std::string& job, const JobProgress& progress);
  void on_job_ended(const std::string& job, JobEnd end);

  /// When tick() wants to be called; possibly in the past. Ask again after every call of the hub and after every answer
  /// of RoomServices that came late.
  std::optional<MonotonicTime> next_deadline() const;
  /// Flushes, heartbeats, hello time-outs, command and op time-outs: whatever is due.
  void tick();

  /// What a welcomed session that is still connected sees; nothing for any other.
  struct Bound {
    scene::ViewId view;
    std::uint8_t binding = 0;
  };
  std::optional<Bound> bound_view(const SessionId& session) const;
  HubStats stats() const;
  /// Says goodbye to everyone and closes with 1001.
  void shut_down(std::string_view reason);

 private:
  std::shared_ptr<HubCore> core_;  ///< shared with answers under way, which hold it weakly
};

}  // namespace ndcast::session
