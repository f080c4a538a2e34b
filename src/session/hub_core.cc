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

HubCore::HubCore(RoomServices& services, const Clock& clock, HubConfig config)
    : services_(services), clock_(clock), config_(std::move(config)), flusher_(services.ledger().server_seq()) {}

SessionId HubCore::open(std::shared_ptr<Sink> sink, ConnectionInfo info) {
  SessionId id{random_uuid()};
  auto session = std::make_unique<Session>(id, std::move(sink), std::move(info), now());
  Session& opened = *session;
  sessions_.emplace(id, std::move(session));
  if (sessions_.size() > config_.max_sessions) {
    refuse(*this, opened,
           {protocol::RejectCode::RoomFull,
            fmt::format("room {} has its {} sessions; try again later", config_.room, config_.max_sessions)});
    sweep();
  } else if (config_.process_is_full && config_.process_is_full()) {
    refuse(*this, opened,
           {protocol::RejectCode::RoomFull,
            fmt::format("the server has its {} sessions; try again later", limits::kSessions)});
    sweep();
  }
  return id;
}

void HubCore::on_text(const SessionId& id, std::string_view text) {
  Session* session = find(id);
  if (!session) return;
  ++stats_.frames_in;
  session->heartbeat.on_inbound();
  if (session->is_open()) {
    dispatch(*this, *session, text);
  } else {
    on_first_frame(*this, *session, text);
  }
  settle();
}

void HubCore::on_writable(const SessionId& id) {
  if (Session* session = find(id)) keeps_up(*session);
  settle();
}

void HubCore::on_close(const SessionId& id) {
  Session* session = find(id);
  if (!session) return;
  const bool was_open = session->is_open();
  session->phase = Session::Phase::Closed;
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
  for (auto it = sessions_.begin(); it != sessions_.end();) {
    if (it->second->phase != Session::Phase::Closed) {
      ++it;
      continue;
    }
    commands_.drop_session(it->first);
    canvas_owner_.drop_session(it->first);
    views_.drop_session(it->first);
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
  consider(views_.next_deadline());
  for (const auto& [id, session] : sessions_) {
    if (session->is_open()) {
      consider(session->heartbeat.next_deadline());
      consider(session->backlog.next_deadline());
    } else {
      consider(session->opened_at + limits::kHelloTimeout);
    }
  }
  return earliest;
}

void HubCore::tick() {
  fail_expired_ops();
  close_unused_views();
  for (const CommandTicket ticket : commands_.expired(now())) expire_command(*this, ticket);
  for (auto& [id, session] : sessions_) tick_session(*session);
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
