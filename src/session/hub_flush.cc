// What the room does, on its way to those who watch: commits into flushes, flushes into frames, states into newcomers.

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/log.h"
#include "protocol/original.h"
#include "reduce/reduce.h"
#include "session/command.h"
#include "session/hub_core.h"
#include "session/native_mirror.h"
#include "session/shared_frame.h"
#include "session/views.h"

namespace ndcast::session {
namespace {

/// What a renderer cannot draw is told anew when it lasts so long (WP37).
constexpr std::chrono::seconds kTroubleAgain{10};

}  // namespace

void HubCore::on_commit(const ledger::Committed& committed, const std::optional<OpenedOp>& opened) {
  flusher_.note_commit(committed, opened, now());
  note_for_undo(committed);
  const auto is_view = [](const scene::RegisterId& id) {
    return id.scope == scene::Scope::View && id.key == scene::Key::Meta;
  };
  if (std::ranges::any_of(committed.changed, is_view)) views_.look_again();
}

void HubCore::note_for_undo(const ledger::Committed& committed) {
  const bool is_other_scene = std::ranges::any_of(
      committed.changed, [](const scene::RegisterId& id) { return id.scope == scene::Scope::Scene; });
  if (is_other_scene) {
    camera_movers_.clear();
    for (auto& [id, session] : sessions_) session->undo.clear();
  } else if (committed.author && !committed.author->session.empty() && !committed.author->intent_id.empty() &&
             committed.author->intent_id != kUndoIntent) {
    // Updates have intents; what a session causes besides (a fork, a closed view, its canvas) is no step.
    if (Session* session = find(SessionId{committed.author->session})) session->undo.note(committed);
  }
}

void HubCore::on_durable() {
  while (std::optional<HeldFrame> held =
             outbox_.pop(std::max(services_.durable_seq(), services_.awaited_seq() == 0 ? UINT64_MAX : 0))) {
    if (Session* session = find(held->session)) deliver(*session, std::move(held->text), held->counts);
  }
}

void HubCore::on_history_renewed() {
  history_ = ledger::History();
  for (auto& [id, session] : sessions_) {
    if (session->is_open() && session->dialect == Dialect::Native) owe(*session, Session::Owed::State);
  }
}

void HubCore::on_durability(const std::optional<std::string>& trouble) {
  const Json payload = protocol::error_notice_payload(
      "journal", trouble ? "durability.degraded" : "durability.restored",
      trouble ? "changes are not kept on disk at present: " + *trouble : "changes are kept on disk again",
      trouble ? protocol::Severity::Warning : protocol::Severity::Info);
  for (auto& [id, session] : sessions_) {
    if (session->is_open()) send(*session, "notify.error", payload);
  }
}

void HubCore::on_render_trouble(const std::string& trouble) {
  const auto& [last, at] = told_trouble_;
  if (trouble == last && now() - at < kTroubleAgain) return;
  told_trouble_ = {trouble, now()};
  log().warn("room {}: {}", config_.room, trouble);
  for (auto& [id, session] : sessions_) {
    if (session->is_open()) notify_error(*session, "render", "render.failed", trouble);
  }
}

const SessionId* HubCore::camera_mover(const scene::ViewId& view) const {
  const auto it = camera_movers_.find(view);
  return it == camera_movers_.end() ? nullptr : &it->second;
}

void HubCore::on_watermark(const scene::ViewId& view) {
  const Watermark mark = services_.watermark(view);
  if (flusher_.reached(view, mark.server_seq)) finish_op(view, scene::OpState::Applied);
  settle();
  for (const Wait& wait : commands_.take_met(view, mark)) answer_wait(*this, wait, mark);
}

void HubCore::finish_op(const scene::ViewId& view, scene::OpState state) {
  std::vector<ledger::Change> changes = reduce::close_op(*services_.ledger().snapshot(), view, state);
  if (!changes.empty()) {
    ledger::Transaction transaction{.changes = std::move(changes), .view = view};
    transaction.author.actor = "render";
    transaction.author.origin = ledger::Origin::Worker;
    services_.commit(std::move(transaction));
  }
  flusher_.close_op(view);
}

void HubCore::fail_expired_ops() {
  for (const scene::ViewId& view : flusher_.expired(now())) {
    ++stats_.failed_ops;
    finish_op(view, scene::OpState::Failed);
    services_.op_timed_out(view);
    const std::string message =
        fmt::format("view {}: the change was not applied within 2 s; rendering restarts", view.value);
    log().warn("room {}: {}", config_.room, message);
    for (auto& [id, session] : sessions_) {
      if (session->is_open()) notify_error(*session, "render", "op.timeout", message);
    }
  }
}

void HubCore::owe_state(Session& session) {
  session.since.reset();
  if (session.owed != Session::Owed::Fresh) owe(session, Session::Owed::State);
}

void HubCore::forget_view(const scene::ViewId& view) {
  flusher_.close_op(view);
  canvas_owner_.drop_view(view);
  for (const CommandTicket ticket : commands_.waits_for(view)) {
    Responder(weak_from_this(), ticket)
        .fail({protocol::CommandCode::Invalid, fmt::format("view: {} is closed", view.value), {}});
  }
}

void HubCore::close_unused_views() {
  if (views_.wants_look()) views_.note_used(*services_.ledger().snapshot(), open_sessions(), now());
  for (const scene::ViewId& view : views_.expired(now())) {
    close_view(*this, view, {.actor = "room", .origin = ledger::Origin::Policy});
  }
}

void HubCore::settle() {
  if (const std::optional<ledger::Flush> flush = flusher_.take(now())) publish(*flush);
  say_all_answers();
  pay_owed();
  sweep();
  tell_presence();
  tell_thumbnails();
  tell_jobs();
}

// --- flushes ------------------------------------------------------------------------------------------------------

void HubCore::publish(const ledger::Flush& flush) {
  ++stats_.flushes;
  const MonotonicTime begin = now();
  std::vector<ledger::ToldRegister> values = read_registers(services_.ledger(), flush);
  publish_native(flush, values);
  publish_original(values, flush.to);
  history_.append(flush, std::move(values));
  // A clock that stands still is a test's, and measures nothing.
  if (const auto telling = now() - begin; telling.count() > 0) flusher_.note_cost(telling);
}

bool HubCore::takes_broadcasts(Session& session) {
  if (!session.is_open() || session.owed != Session::Owed::Nothing) return false;
  return keeps_up(session) && session.owed == Session::Owed::Nothing;
}

bool HubCore::keeps_up(Session& session) {
  switch (session.backlog.observe(session.sink->queued_bytes(), now())) {
    case Backlog::State::KeepsUp:
      return true;
    case Backlog::State::Lags:
      if (session.owed == Session::Owed::Nothing) {
        owe(session, Session::Owed::Fresh);
        ++stats_.snapshots_for_laggards;
      }
      return true;
    case Backlog::State::Stuck:
      close(session, close_code::kTryAgainLater, "the connection takes too little; reconnect to resume");
      return false;
  }
  return false;
}

void HubCore::publish_native(const ledger::Flush& flush, const std::vector<ledger::ToldRegister>& values) {
  NativeCommit commit(flush, values, clock_.unix_seconds());
  const auto tell = [&](Session& session) {
    if (!takes_broadcasts(session)) return;
    send_text(session, commit.for_session(session.id, session.view), Backlog::Counts::Yes);
  };
  std::vector<Session*> authors;
  for (auto& [id, session] : sessions_) {
    if (session->dialect != Dialect::Native) continue;
    if (session->unsaid_answers.empty()) {
      tell(*session);
    } else {
      authors.push_back(session.get());
    }
  }
  for (Session* author : authors) tell(*author);
}

void HubCore::publish_original(const std::vector<ledger::ToldRegister>& values, std::uint64_t to) {
  const std::vector<Notice> notices = original_.on_flush(values, to, now());
  if (!notices.empty()) broadcast(scene::kMainView, notices);
}

void HubCore::broadcast(const scene::ViewId& view, const std::vector<Notice>& notices) {
  for (auto& [id, session] : sessions_) {
    if (session->dialect != Dialect::Original || session->view != view || !takes_broadcasts(*session)) continue;
    send_notices(*session, notices);
  }
}

void HubCore::send_notices(Session& session, const std::vector<Notice>& notices) {
  for (const Notice& notice : notices) {
    protocol::Envelope envelope{.type = notice.type, .payload = notice.payload};
    if (notice.cursor) {
      envelope.seq = notice.cursor->seq;
      envelope.delta_token = notice.cursor->delta_token;
    }
    const protocol::FrameSpec* spec = protocol::find_frame(notice.type);
    if (notice.author && notice.author->session == session.id.value &&
        spec->intent_id != protocol::Presence::Forbidden) {
      envelope.intent_id = notice.author->intent_id;
    } else if (spec->frame_id == protocol::Presence::EitherId) {
      envelope.frame_id = fmt::format("{:08x}", static_cast<std::uint32_t>(++frame_number_));
    }
    send(session, std::move(envelope));
  }
}

void HubCore::tell_camera_delta(const scene::ViewId& view, const scene::CameraVerb& verb, const Json& echo,
                                const ledger::Author& author) {
  const Notice notice{"notify.camera", protocol::camera_delta_payload(verb, echo), std::nullopt,
                      std::make_shared<const ledger::Author>(author)};
  broadcast(view, {notice});
}

// --- newcomers and laggards ---------------------------------------------------------------------------------------

void HubCore::pay_owed() {
  if (!std::exchange(any_owed_, false)) return;
  for (auto& [id, session] : sessions_) {
    if (!session->is_open() || session->owed == Session::Owed::Nothing) continue;
    any_owed_ = true;  // until the next look finds nobody
    if (!flusher_.snapshot_allowed(session->view) || !keeps_up(*session)) continue;
    // For a laggard the state would queue up behind what it has yet to take, and be old when it arrives.
    if (session->owed == Session::Owed::Fresh && !session->backlog.drained()) continue;
    if (session->dialect == Dialect::Native) {
      pay_native(*session);
    } else {
      pay_original(*session);
    }
  }
}

void HubCore::pay_native(Session& session) {
  const ledger::Ledger& ledger = services_.ledger();
  const bool resumes = std::exchange(session.owed, Session::Owed::Nothing) == Session::Owed::Resume;
  protocol::Envelope envelope{.timestamp = clock_.unix_seconds()};
  std::optional<std::vector<ledger::ToldRegister>> missed;
  if (resumes) missed = missed_since(history_, ledger, *session.since);
  if (missed) {
    envelope.type = "nd.commit";
    envelope.payload = missed_payload(session.since->server_seq, ledger.server_seq(), *missed, session);
  } else {
    envelope.type = "nd.snapshot";
    envelope.payload = state_payload(ledger, session);
  }
  envelope.session = session.id.value;
  send_text(session, std::make_shared<const std::string>(protocol::print(envelope)), Backlog::Counts::No);
}

void HubCore::pay_original(Session& session) {
  original_.adopt(services_.ledger());
  session.owed = Session::Owed::Nothing;
  if (!original_.can_tell()) return send_notices(session, original_.idle_baseline());
  send_notices(session, original_.baseline(std::exchange(session.layers_token, {})));
}

}  // namespace ndcast::session
