#include "session/hub_core.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/check.h"
#include "base/limits.h"
#include "base/log.h"
#include "protocol/handshake.h"
#include "protocol/original.h"
#include "session/command.h"
#include "session/dispatch.h"
#include "session/handshake.h"
#include "session/views.h"

namespace ndcast::session {
namespace {

/// Looking through so many takes some microseconds.
constexpr std::size_t kManySessions = 64;
/// Heartbeats and time-outs are seconds; this late they are still on time.
constexpr auto kManySessionsTick = std::chrono::milliseconds(50);

}  // namespace

HubCore::HubCore(RoomServices& services, const Clock& clock, HubConfig config)
    : services_(services), clock_(clock), config_(std::move(config)), flusher_(services.ledger().server_seq()) {}

SessionId HubCore::open(std::shared_ptr<Sink> sink, ConnectionInfo info) {
  SessionId id{config_.make_session_id()};
  auto session = std::make_unique<Session>(id, std::move(sink), std::move(info), config_.rates, now());
  Session& opened = *session;
  sessions_.emplace(id, std::move(session));
  expect_session_event(opened.opened_at + limits::kHelloTimeout);
  std::string full;
  if (sessions_.size() > config_.max_sessions) {
    full = fmt::format("room {} has its {} sessions; try again later", config_.room, config_.max_sessions);
  } else if (auto seat = take_seat(config_.seats)) {
    opened.seat = *std::move(seat);
  } else {
    full = fmt::format("this server has its {} sessions; try again later", config_.seats->total);
  }
  if (!full.empty()) {
    refuse(*this, opened, {protocol::RejectCode::RoomFull, full});
    sweep();
  }
  return id;
}

void HubCore::on_text(const SessionId& id, std::string_view text) {
  Session* session = find(id);
  if (!session) return;
  ++stats_.frames_in;
  session->heartbeat.on_inbound();
  const auto wait = session->rates.take_frame(text.size(), now());
  const bool was_open = session->is_open();
  if (!was_open) {
    on_first_frame(*this, *session, text);
    any_owed_ = true;
    expect_session_event(now());  // what it is to be looked at for now is found then
  } else if (wait) {
    answer_too_fast(*this, *session, text, *wait);
  } else {
    dispatch(*this, *session, text);
  }
  if (session->is_open() && session->rates.is_abused()) {
    send(*session, "session.goodbye",
         to_payload(protocol::Goodbye{"rate.limited", "too many frames, refused too often", "rate_limited"}));
    close(*session, close_code::kRefused, "rate.limited");
  }
  if (config_.flushes_on_tick && was_open) return;
  settle();
}

bool HubCore::on_writable(const SessionId& id) {
  Session* session = find(id);
  if (!session || session->owed == Session::Owed::Nothing) return false;
  keeps_up(*session);
  settle();
  return true;
}

void HubCore::on_close(const SessionId& id) {
  Session* session = find(id);
  if (!session) return;
  const bool was_open = session->is_open();
  session->phase = Session::Phase::Closed;
  any_closed_ = true;
  if (was_open) services_.session_closed(id);
  sweep();
}

std::optional<SessionHub::Bound> HubCore::bound_view(const SessionId& id) const {
  const auto it = sessions_.find(id);
  if (it == sessions_.end() || !it->second->is_open()) return std::nullopt;
  return SessionHub::Bound{it->second->view, it->second->binding};
}

std::vector<Session*> HubCore::open_sessions() {
  std::vector<Session*> open;
  for (auto& [id, session] : sessions_) {
    if (session->is_open()) open.push_back(session.get());
  }
  return open;
}

HubStats HubCore::stats() const {
  HubStats stats = stats_;
  stats.sessions = static_cast<std::size_t>(
      std::ranges::count_if(sessions_, [](const auto& entry) { return entry.second->is_open(); }));
  return stats;
}

Session* HubCore::find(const SessionId& id) {
  const auto it = sessions_.find(id);
  return it == sessions_.end() || it->second->phase == Session::Phase::Closed ? nullptr : it->second.get();
}

void HubCore::sweep() {
  if (!std::exchange(any_closed_, false)) return;
  for (auto it = sessions_.begin(); it != sessions_.end();) {
    if (it->second->phase != Session::Phase::Closed) {
      ++it;
      continue;
    }
    commands_.drop_session(it->first);
    canvas_owner_.drop_session(it->first);
    views_.drop_session(it->first);
    presence_.drop(it->first);
    telemetry_.drop(it->first);
    drop_thumbnails(it->first);
    forget_followed(it->first);
    it = sessions_.erase(it);
  }
}

void HubCore::forget_followed(const SessionId& gone) {
  for (auto& [id, session] : sessions_) {
    if (session->follows != gone) continue;
    session->follows.reset();
    if (session->is_open()) note_presence(*session);
  }
}

// --- sending ------------------------------------------------------------------------------------------------------

std::string HubCore::make_frame_id(std::string_view prefix) {
  return fmt::format("{}-{:08x}", prefix, ++frame_number_);
}

void HubCore::send_text(Session& session, std::shared_ptr<const std::string> text, Backlog::Counts counts) {
  if (session.phase == Session::Phase::Closed) return;
  say_answers(session);
  const std::uint64_t awaited_seq = services_.awaited_seq();
  if (outbox_.empty() && awaited_seq <= services_.durable_seq()) return deliver(session, std::move(text), counts);
  outbox_.push({awaited_seq, session.id, std::move(text), counts});
  if (outbox_.bytes() > limits::kHeldFrameBytes)
    services_.stop_waiting("more is to be told than may wait for the disk");
}

void HubCore::deliver(Session& session, std::shared_ptr<const std::string> text, Backlog::Counts counts) {
  ++stats_.frames_out;
  stats_.bytes_out += text->size();
  session.backlog.note_sent(text->size(), now(), counts);
  expect_session_event(*session.backlog.next_deadline());
  session.sink->send_text(std::move(text));
}

void HubCore::send(Session& session, protocol::Envelope envelope) {
  const protocol::FrameSpec* spec = protocol::find_frame(envelope.type);
  ND_CHECK(spec != nullptr, envelope.type);
  if (spec->session != protocol::Presence::Forbidden) envelope.session = session.id.value;
  if (spec->frame_id == protocol::Presence::Required && envelope.frame_id.empty()) {
    envelope.frame_id = make_frame_id(envelope.type.substr(envelope.type.find('.') + 1));
  }
  envelope.timestamp = clock_.unix_seconds();
  auto text = std::make_shared<const std::string>(protocol::print(envelope));
  // Frames about the connection itself tell nothing of the scene and wait for no disk.
  if (envelope.type.starts_with("session.")) {
    say_answers(session);
    if (session.phase != Session::Phase::Closed) deliver(session, std::move(text), Backlog::Counts::Yes);
  } else {
    send_text(session, std::move(text), Backlog::Counts::Yes);
  }
}

void HubCore::send(Session& session, std::string_view type, Json payload) {
  send(session, {.type = std::string(type), .payload = std::move(payload)});
}

void HubCore::answer(Session& session, Json payload) {
  if (session.unsaid_answers.empty()) answered_.push_back(session.id);
  session.unsaid_answers.push_back(std::move(payload));
}

void HubCore::say_answers(Session& session) {
  if (session.unsaid_answers.empty()) return;
  for (Json& payload : std::exchange(session.unsaid_answers, {})) send(session, "ack.state", std::move(payload));
}

void HubCore::say_all_answers() {
  for (const SessionId& id : std::exchange(answered_, {})) {
    if (Session* session = find(id)) say_answers(*session);
  }
}

void HubCore::notify_error(Session& session, std::string_view domain, std::string_view code, std::string_view message) {
  send(session, "notify.error", protocol::error_notice_payload(domain, code, message, protocol::Severity::Warning));
}

void HubCore::close(Session& session, std::uint16_t code, std::string_view reason) {
  if (session.phase == Session::Phase::Closed) return;
  say_answers(session);
  const bool was_open = session.is_open();
  log().info("room {}: session {} ({}) ends: {}", config_.room, session.id.value, session.connection.remote, reason);
  session.sink->close(code, reason);
  session.phase = Session::Phase::Closed;
  any_closed_ = true;
  if (was_open) services_.session_closed(session.id);
}

void HubCore::shut_down(std::string_view reason) {
  for (auto& [id, session] : sessions_) {
    if (session->is_open()) {
      send(*session, "session.goodbye",
           to_payload(protocol::Goodbye{"shutdown", std::string(reason), "server_shutdown"}));
    }
    close(*session, close_code::kGoingAway, reason);
  }
  sweep();
}

// --- time ---------------------------------------------------------------------------------------------------------

MonotonicTime HubCore::monotonic_of(double unix_s) const {
  constexpr double kYear_s = 366.0 * 86'400.0;
  const double ahead_s = std::clamp(unix_s - clock_.unix_seconds(), 0.0, kYear_s);
  return now() + std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(ahead_s));
}

std::optional<MonotonicTime> HubCore::next_deadline() const {
  std::optional<MonotonicTime> earliest;
  const auto consider = [&](std::optional<MonotonicTime> time) {
    if (time && (!earliest || *time < *earliest)) earliest = time;
  };
  consider(flusher_.next_deadline());
  consider(commands_.next_deadline());
  consider(views_.next_deadline());
  consider(presence_.next_deadline());
  consider(telemetry_.next_deadline());
  consider(jobs_.next_deadline());
  if (session_event_ != MonotonicTime::max()) consider(session_event_);
  return earliest;
}

void HubCore::find_session_event() {
  session_event_ = MonotonicTime::max();
  for (const auto& [id, session] : sessions_) {
    if (session->is_open()) {
      expect_session_event(session->heartbeat.next_deadline());
      if (const auto deadline = session->backlog.next_deadline()) expect_session_event(*deadline);
      if (session->expires_at) expect_session_event(*session->expires_at);
    } else {
      expect_session_event(session->opened_at + limits::kHelloTimeout);
    }
  }
  // Thousands of sessions have something due at any moment; they are looked through for all of it together.
  if (sessions_.size() > kManySessions) session_event_ = std::max(session_event_, now() + kManySessionsTick);
}

void HubCore::tick() {
  fail_expired_ops();
  close_unused_views();
  for (const CommandTicket ticket : commands_.expired(now())) expire_command(*this, ticket);
  tell_telemetry();
  if (now() >= session_event_) {
    for (auto& [id, session] : sessions_) tick_session(*session);
    find_session_event();
  }
  settle();
}

void HubCore::tick_session(Session& session) {
  if (session.phase == Session::Phase::AwaitsHello) {
    if (now() < session.opened_at + limits::kHelloTimeout) return;
    refuse(*this, session, {protocol::RejectCode::Timeout, "no session.hello within 5 s"});
    return;
  }
  if (session.is_open() && session.expires_at && now() >= *session.expires_at) {
    send(session, "session.goodbye",
         to_payload(protocol::Goodbye{"auth.expired", "the session's token expired", "auth_expired"}));
    close(session, close_code::kRefused, "auth.expired");
    return;
  }
  if (!session.is_open() || !keeps_up(session)) return;
  switch (session.heartbeat.tick(now())) {
    case Heartbeat::Step::Nothing:
      break;
    case Heartbeat::Step::Beat:
      send(session, "session.heartbeat", Json::make_object());
      break;
    case Heartbeat::Step::Dead:
      send(session, "session.goodbye",
           to_payload(protocol::Goodbye{"timeout", "heartbeat timeout", "heartbeat_timeout"}));
      close(session, close_code::kInternalError, "heartbeat timeout");
      break;
  }
}

}  // namespace ndcast::session
