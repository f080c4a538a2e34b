#include "session/command.h"

#include <utility>

#include <fmt/format.h>

#include "base/limits.h"
#include "session/command_registry.h"
#include "session/session_frames.h"

namespace ndcast::session {
namespace {

using protocol::CommandCode;
using protocol::CommandError;

void fail_now(HubCore& hub, Session& session, std::string_view frame_id, const CommandError& error) {
  hub.send(session, "error.command", protocol::error_payload(frame_id, error));
}

/// Why the session may not call this now, or nothing.
std::optional<CommandError> refusal_of(HubCore& hub, const Session& session, const std::string& name,
                                       const CommandSpec* spec) {
  if (!spec) return CommandError{CommandCode::NotFound, fmt::format("unknown command \"{}\"", name.substr(0, 64)), {}};
  if (!auth::may_act_as(session.role, spec->role)) {
    return CommandError{
        CommandCode::Forbidden,
        fmt::format("{} needs the role {}; this session is {}", name, to_string(spec->role), to_string(session.role)),
        {}};
  }
  if (hub.commands().count(session.id) >= limits::kWaitsPerSession) {
    return CommandError{CommandCode::Retryable,
                        fmt::format("{} commands of this session are under way already", limits::kWaitsPerSession),
                        {}};
  }
  if (hub.commands().count(session.id, name) >= spec->at_most) {
    return CommandError{
        CommandCode::Retryable, fmt::format("{} {} of this session are under way already", spec->at_most, name), {}};
  }
  return std::nullopt;
}

}  // namespace

void Responder::reply(std::optional<Json> result) const {
  const auto hub = hub_.lock();
  if (!hub) return;
  const auto pending = hub->commands().take(ticket_);
  if (!pending) return;
  if (Session* session = hub->find(pending->session)) {
    hub->send(*session, "reply.command", protocol::reply_payload(pending->frame_id, std::move(result)));
  }
}

void Responder::fail(const CommandError& error) const {
  const auto hub = hub_.lock();
  if (!hub) return;
  const auto pending = hub->commands().take(ticket_);
  if (!pending) return;
  if (Session* session = hub->find(pending->session)) fail_now(*hub, *session, pending->frame_id, error);
}

void handle_call(HubCore& hub, Session& session, const protocol::Envelope& envelope) {
  const Result<protocol::CallCommand> call = protocol::parse_call(envelope.payload);
  if (!call) {
    return fail_now(hub, session, envelope.frame_id, {CommandCode::Invalid, call.error().message, {}});
  }
  if (envelope.session != session.id.value) {
    return fail_now(hub, session, envelope.frame_id,
                    {CommandCode::Invalid,
                     fmt::format("session \"{}\" is not this connection's", envelope.session.substr(0, 64)),
                     {}});
  }
  const CommandSpec* spec = find_command(call->command);
  if (const auto refusal = refusal_of(hub, session, call->command, spec)) {
    return fail_now(hub, session, envelope.frame_id, *refusal);
  }
  const CommandTicket ticket =
      hub.commands().add({session.id, envelope.frame_id, call->command, hub.now() + spec->timeout});
  spec->handler({hub, session, *call, Responder(hub.weak_from_this(), ticket)});
}

void answer_malformed_call(HubCore& hub, Session& session, const protocol::FrameError& error) {
  if (error.partial.frame_id.empty()) return answer_malformed(hub, session, error);
  fail_now(hub, session, error.partial.frame_id, {CommandCode::Invalid, error.message, {}});
}

void refuse_hasty_call(HubCore& hub, Session& session, const protocol::Envelope& envelope,
                       std::chrono::milliseconds wait) {
  fail_now(hub, session, envelope.frame_id,
           {CommandCode::Retryable, "rate.limited: more frames than this session may send",
            Json::make_object({{"retry_after_ms", wait.count()}})});
}

void expire_command(HubCore& hub, CommandTicket ticket) {
  const auto pending = hub.commands().take(ticket);
  if (!pending) return;
  Session* session = hub.find(pending->session);
  if (!session) return;
  fail_now(hub, *session, pending->frame_id,
           {CommandCode::Timeout, fmt::format("{} took too long", pending->command), {}});
}

}  // namespace ndcast::session
