#include "session/hub_core.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/check.h"
#include "base/log.h"
#include "protocol/handshake.h"
#include "protocol/original.h"
#include "session/command.h"
#include "session/dispatch.h"
#include "session/handshake.h"

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
  SessionId id{random_uuid()};
  auto session = std::make_unique<Session>(id, std::move(sink), std::move(info), now());
  Session& opened = *session;
  sessions_.emplace(id, std::move(session));
  expect_session_event(opened.opened_at + limits::kHelloTimeout);
  if (sessions_.size() > config_.max_sessions) {
    refuse(*this, opened,
           {protocol::RejectCode::RoomFull,
            fmt::format("room {} has its {} sessions; try again later", config_.room, config_.max_sessions)});
    sweep();
  }
  return id;
}

void HubCore::on_text(const SessionId& id, std::string_view text) {
  Session* session = find(id);
  if (!session) return;
  ++stats_.frames_in;
  session->heartbeat.on_inbound();
  const bool session_was_open = session->is_open();
  if (session_was_open) {
    dispatch(*this, *session, text);
  } else {
    on_first_frame(*this, *session, text);
    any_owed_ = true;
    expect_session_event(session->heartbeat.next_deadline());
  }
  if (config_.flushes_on_tick && session_was_open) return;
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

bool HubCore::contains(const SessionId& id) const {
  const auto it = sessions_.find(id);
  return it != sessions_.end() && it->second->is_open();
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
    it = sessions_.erase(it);
  }
}

// --- sending ------------------------------------------------------------------------------------------------------

std::string HubCore::make_frame_id(std::string_view prefix) {
  return fmt::format("{}-{:08x}", prefix, ++frame_number_);
}

void HubCore::send_text(Session& session, std::shared_ptr<const std::string> text, Backlog::Counts counts) {
  if (session.phase == Session::Phase::Closed) return;
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
  send_text(session, std::make_shared<const std::string>(protocol::print(envelope)), Backlog::Counts::Yes);
}

void HubCore::send(Session& session, std::string_view type, Json payload) {
  send(session, {.type = std::string(type), .payload = std::move(payload)});
}

void HubCore::notify_error(Session& session, std::string_view domain, std::string_view code, std::string_view message) {
  send(session, "notify.error", protocol::error_notice_payload(domain, code, message, protocol::Severity::Warning));
}

void HubCore::close(Session& session, std::uint16_t code, std::string_view reason) {
  if (session.phase == Session::Phase::Closed) return;
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

std::optional<MonotonicTime> HubCore::next_deadline() const {
  std::optional<MonotonicTime> earliest;
  const auto consider = [&](std::optional<MonotonicTime> time) {
    if (time && (!earliest || *time < *earliest)) earliest = time;
  };
  consider(flusher_.next_deadline());
  consider(commands_.next_deadline());
  if (session_event_ != MonotonicTime::max()) consider(session_event_);
  return earliest;
}

void HubCore::find_session_event() {
  session_event_ = MonotonicTime::max();
  for (const auto& [id, session] : sessions_) {
    if (session->is_open()) {
      expect_session_event(session->heartbeat.next_deadline());
      if (const auto deadline = session->backlog.next_deadline()) expect_session_event(*deadline);
    } else {
      expect_session_event(session->opened_at + limits::kHelloTimeout);
    }
  }
  // Thousands of sessions have something due at any moment; they are looked through for all of it together.
  if (sessions_.size() > kManySessions) session_event_ = std::max(session_event_, now() + kManySessionsTick);
}

void HubCore::tick() {
  fail_expired_ops();
  for (const CommandTicket ticket : commands_.expired(now())) expire_command(*this, ticket);
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
