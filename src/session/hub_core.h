#pragma once
// The inside of SessionHub: the sessions, the flush, the mirrors and the commands under way, and what a handler may do
// with them. One a room, control thread only.
//
//   on_text ─► handshake / dispatch ─► handlers ─► send()            answers, at once
//                                          └─► services().commit ─► note_commit ─► settle(): flush ─► mirrors

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "ledger/flush.h"
#include "ledger/history.h"
#include "protocol/commands.h"
#include "protocol/envelope.h"
#include "session/canvas_owner.h"
#include "session/job_desk.h"
#include "session/original_mirror.h"
#include "session/outbox.h"
#include "session/pending_commands.h"
#include "session/presence_board.h"
#include "session/session.h"
#include "session/session_hub.h"
#include "session/telemetry_desk.h"
#include "session/thumbnail_desk.h"
#include "session/view_keeper.h"

namespace ndcast::session {

/// WebSocket close codes (RFC 6455 §7.4.1) that a session ends with.
namespace close_code {
inline constexpr std::uint16_t kNormal = 1000;
inline constexpr std::uint16_t kGoingAway = 1001;
inline constexpr std::uint16_t kRefused = 1008;
inline constexpr std::uint16_t kInternalError = 1011;
inline constexpr std::uint16_t kTryAgainLater = 1013;
}  // namespace close_code

class HubCore final : public std::enable_shared_from_this<HubCore> {
 public:
  HubCore(RoomServices& services, const Clock& clock, HubConfig config);

  // --- the facade's calls (see session_hub.h) ---
  SessionId open(std::shared_ptr<Sink> sink, ConnectionInfo info);
  void on_text(const SessionId& id, std::string_view text);
  bool on_writable(const SessionId& id);
  void on_close(const SessionId& id);
  void on_commit(const ledger::Committed& committed, const std::optional<OpenedOp>& opened);
  void on_watermark(const scene::ViewId& view);
  void on_durable();
  void on_history_renewed();
  void on_durability(const std::optional<std::string>& trouble);
  void on_render_trouble(const std::string& trouble);
  void on_thumbnail(protocol::ThumbnailNotice thumbnail);
  void on_job_progress(const std::string& job, const JobProgress& progress);
  void on_job_ended(const std::string& job, JobEnd end);
  std::optional<MonotonicTime> next_deadline() const;
  void tick();
  std::optional<SessionHub::Bound> bound_view(const SessionId& id) const;
  HubStats stats() const;
  void shut_down(std::string_view reason);

  // --- what handlers use ---
  RoomServices& services() { return services_; }
  const HubConfig& config() const { return config_; }
  HubStats& counters() { return stats_; }
  MonotonicTime now() const { return clock_.now(); }
  /// The moment of a wall time, by today's clock. Far-away times are cut to a year ahead.
  MonotonicTime monotonic_of(double unix_s) const;
  OriginalMirror& original() { return original_; }
  PendingCommands& commands() { return commands_; }
  CanvasOwner& canvas_owner() { return canvas_owner_; }
  const std::map<SessionId, std::unique_ptr<Session>>& sessions() const { return sessions_; }
  ViewKeeper& views() { return views_; }
  const ViewKeeper& views() const { return views_; }
  PresenceBoard& presence() { return presence_; }
  TelemetryDesk& telemetry() { return telemetry_; }
  JobDesk& jobs() { return jobs_; }
  /// The session is shown a small picture of each layer now and whenever it changes (WP34), until dropped.
  void subscribe_to_thumbnails(const SessionId& session);
  void drop_thumbnails(const SessionId& session);
  /// The session came, or sees another view (WP14).
  void note_presence(const Session& session);
  /// Every welcomed session that is connected.
  std::vector<Session*> open_sessions();
  /// The session is told everything anew: its view is another one.
  void owe_state(Session& session);
  /// What hung on a view that is gone: an op that it had open, its canvas, waits for it.
  void forget_view(const scene::ViewId& view);
  /// Null when it is gone.
  Session* find(const SessionId& id);

  /// Sends a frame of the session's own. `frame_id` of the envelope is made from its type when it is empty and the type
  /// needs one; `session` and `timestamp` are filled in.
  void send(Session& session, protocol::Envelope envelope);
  void send(Session& session, std::string_view type, Json payload);
  /// Sends ack.state, before anything else that the session is told, and soon: those who only watch are told of a
  /// change first, as they wait for nothing but that.
  void answer(Session& session, Json payload);
  /// notify.error to one session.
  void notify_error(Session& session, std::string_view domain, std::string_view code, std::string_view message);
  /// Who moved the view's camera last; null when nobody did since the scene was opened.
  const SessionId* camera_mover(const scene::ViewId& view) const;
  void note_camera_mover(const scene::ViewId& view, const SessionId& session) { camera_movers_[view] = session; }
  /// Ends the session: nothing is sent to it any more.
  void close(Session& session, std::uint16_t code, std::string_view reason);
  /// A fresh frame id: "PREFIX-" and a number that this process uses once.
  std::string make_frame_id(std::string_view prefix);
  /// Shows an accepted camera verb to the sessions of the original dialect.
  void tell_camera_delta(const scene::ViewId& view, const scene::CameraVerb& verb, const Json& echo,
                         const ledger::Author& author);

 private:
  void settle();
  void say_answers(Session& session);
  void say_all_answers();
  void publish(const ledger::Flush& flush);
  void publish_native(const ledger::Flush& flush, const std::vector<ledger::ToldRegister>& values);
  void publish_original(const std::vector<ledger::ToldRegister>& values, std::uint64_t to);
  void broadcast(const scene::ViewId& view, const std::vector<Notice>& notices);
  void send_notices(Session& session, const std::vector<Notice>& notices);
  void pay_owed();
  void pay_native(Session& session);
  void pay_original(Session& session);
  /// False when the session is not to be told of changes now; a laggard then owes itself a fresh state (WP18).
  bool takes_broadcasts(Session& session);
  bool keeps_up(Session& session);
  void send_text(Session& session, std::shared_ptr<const std::string> text, Backlog::Counts counts);
  void deliver(Session& session, std::shared_ptr<const std::string> text, Backlog::Counts counts);
  void note_for_undo(const ledger::Committed& committed);
  void finish_op(const scene::ViewId& view, scene::OpState state);
  void fail_expired_ops();
  void close_unused_views();
  void tick_session(Session& session);
  /// Sessions are looked through only when one of them may have something due, not at every frame of every session.
  void expect_session_event(MonotonicTime at) { session_event_ = std::min(session_event_, at); }
  void find_session_event();
  /// Who came, went or moved their cursor, to everybody; all of it to who does not know it yet.
  void tell_presence();
  void introduce_everybody();
  void tell_telemetry();
  void tell_thumbnails();
  void tell_jobs();
  std::set<std::string> layer_ids();
  void owe(Session& session, Session::Owed what) {
    session.owed = what;
    any_owed_ = true;
  }
  void sweep();
  /// There is nobody any more to go along with.
  void forget_followed(const SessionId& gone);

  RoomServices& services_;
  const Clock& clock_;
  const HubConfig config_;
  HubStats stats_;
  std::map<SessionId, std::unique_ptr<Session>> sessions_;
  MonotonicTime session_event_ = MonotonicTime::max();  ///< no session has anything due before it
  bool any_owed_ = false;                               ///< false: nobody waits for a state
  bool any_closed_ = false;                             ///< false: sweep() would find nothing
  std::vector<SessionId> answered_;                     ///< who may have unsaid answers
  std::uint64_t frame_number_ = 0;
  ledger::Flusher flusher_;
  ledger::History history_;
  std::pair<std::string, MonotonicTime> told_trouble_;  ///< the last one, and when
  OriginalMirror original_;
  PendingCommands commands_;
  CanvasOwner canvas_owner_;
  Outbox outbox_;
  std::map<scene::ViewId, SessionId> camera_movers_;
  ViewKeeper views_;
  PresenceBoard presence_;
  TelemetryDesk telemetry_;
  ThumbnailDesk thumbnails_;
  JobDesk jobs_;
  bool any_strangers_ = false;  ///< false: every native session knows who is here
};

}  // namespace ndcast::session
