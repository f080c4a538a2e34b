// Commands about sessions: one's own telemetry, and for admins other people's sessions.

#include <fmt/format.h>

#include "base/limits.h"
#include "base/log.h"
#include "session/arguments.h"
#include "session/command_registry.h"

namespace ndcast::session {

using protocol::CommandCode;

void call_session_list(const CommandContext& context) {
  Json sessions = Json::make_array();
  for (const auto& [id, session] : context.hub.sessions()) {
    if (!session->is_open()) continue;
    const double connected_s = std::chrono::duration<double>(context.hub.now() - session->opened_at).count();
    sessions.push_back(Json::make_object({{"session", id.value},
                                          {"actor", session->actor.name},
                                          {"kind", protocol::to_string(session->actor.kind)},
                                          {"role", auth::to_string(session->role)},
                                          {"view", session->view.value},
                                          {"remote", session->connection.remote},
                                          {"connected_s", connected_s}}));
  }
  context.responder.reply(Json::make_object({{"sessions", std::move(sessions)}}));
}

void call_telemetry(const CommandContext& context) {
  const Result<bool> on = bool_argument(context.call, "on", true);
  if (!on) return context.responder.fail({CommandCode::Invalid, on.error().message, {}});
  if (*on && context.session.dialect != Dialect::Native) {
    return context.responder.fail({CommandCode::Invalid, "this dialect has no frame for it", {}});
  }
  TelemetryDesk& desk = context.hub.telemetry();
  *on ? desk.subscribe(context.session.id, context.hub.now()) : desk.drop(context.session.id);
  context.responder.reply(Json::make_object({{"on", *on}}));
}

void call_thumbnails(const CommandContext& context) {
  const Result<bool> on = bool_argument(context.call, "on", true);
  if (!on) return context.responder.fail({CommandCode::Invalid, on.error().message, {}});
  if (*on && context.session.dialect != Dialect::Native) {
    return context.responder.fail({CommandCode::Invalid, "this dialect has no frame for it", {}});
  }
  *on ? context.hub.subscribe_to_thumbnails(context.session.id) : context.hub.drop_thumbnails(context.session.id);
  context.responder.reply(Json::make_object({{"on", *on}}));
}

void call_session_close(const CommandContext& context) {
  const Result<std::string> name = string_argument(context.call, "session", "", limits::kNameBytes);
  if (!name) return context.responder.fail({CommandCode::Invalid, name.error().message, {}});
  Session* const other = context.hub.find(SessionId{*name});
  if (!other || !other->is_open()) {
    return context.responder.fail({CommandCode::Invalid, fmt::format("there is no session \"{}\" here", *name), {}});
  }
  if (other == &context.session) {
    return context.responder.fail(
        {CommandCode::Invalid, "this is your own session; say session.goodbye to end it", {}});
  }
  log().info("room {}: {} ends the session of {}", context.hub.config().room, context.session.actor.name,
             other->actor.name);
  context.hub.send(*other, "session.goodbye",
                   to_payload(protocol::Goodbye{"session.closed", "an admin ended the session", "closed_by_admin"}));
  context.hub.close(*other, close_code::kRefused, "closed by an admin");
  context.responder.reply(std::nullopt);
}

}  // namespace ndcast::session
