#include "session/handshake.h"

#include <expected>
#include <utility>

#include <fmt/format.h>

#include "base/limits.h"
#include "base/log.h"
#include "protocol/capabilities.h"
#include "session/command_registry.h"
#include "session/role_table.h"

namespace ndcast::session {
namespace {

using protocol::Hello;
using protocol::Reject;
using protocol::RejectCode;

std::expected<Hello, Reject> read_hello(std::string_view text) {
  const auto envelope = protocol::parse_envelope(text);
  if (!envelope) return std::unexpected(protocol::reject_of(envelope.error()));
  return protocol::parse_hello(*envelope);
}

std::expected<auth::Role, Reject> authorise(const HubConfig& config, const ConnectionInfo& connection,
                                            const Hello& hello) {
  if (connection.authorised) return *connection.authorised;
  if (!hello.payload.auth || !hello.payload.auth->token) {
    return std::unexpected(
        Reject{RejectCode::AuthRequired, "open the link that the server printed, or give its token"});
  }
  const auto role = config.authenticate ? config.authenticate(*hello.payload.auth->token) : std::nullopt;
  if (!role) return std::unexpected(Reject{RejectCode::AuthInvalid, "the token is not this server's"});
  return *role;
}

/// The view that a native hello asks for. Before the scene is there, the main view counts as existing.
std::expected<scene::ViewId, Reject> find_view(const ledger::Ledger& ledger, const Hello& hello) {
  const scene::ViewId view{hello.nd && hello.nd->view ? *hello.nd->view : scene::kMainView.value};
  if (view != scene::kMainView && !ledger.snapshot()->find_view(view)) {
    return std::unexpected(Reject{RejectCode::RoomNotFound, fmt::format("the room has no view {}", view.value)});
  }
  return view;
}

protocol::Actor actor_of(const Hello& hello) {
  protocol::Actor actor{.name = hello.payload.client.name};
  if (hello.nd && hello.nd->actor) actor = *hello.nd->actor;
  if (actor.name.empty()) actor.name = "someone";
  if (actor.name.size() > limits::kNameBytes) actor.name = "someone";
  return actor;
}

void enter(HubCore& hub, Session& session, const Hello& hello) {
  session.phase = Session::Phase::Open;
  session.heartbeat = Heartbeat(hub.now());
  session.actor = actor_of(hello);
  const bool is_native = hello.nd && session.connection.listener == Listener::Any;
  session.dialect = is_native ? Dialect::Native : Dialect::Original;
  session.owed = Session::Owed::State;
  if (is_native && hello.nd->since) {
    session.since = hello.nd->since;
    session.owed = Session::Owed::Resume;
  }
}

protocol::WelcomeNative native_welcome(HubCore& hub, const Session& session) {
  RoomServices& services = hub.services();
  protocol::WelcomeNative welcome{
      .room = hub.config().room,
      .view = session.view.value,
      .actor = session.actor.name,
      .role = std::string(auth::to_string(session.role)),
      .history_id = services.ledger().history_id(),
      .server_seq = services.ledger().server_seq(),
      .pixel_ticket = services.mint_pixel_ticket(session.id, session.view),
      .capabilities = protocol::make_capabilities(command_names(session.role), services.encoders()),
  };
  welcome.capabilities.limits["sessions"] = static_cast<std::int64_t>(hub.config().max_sessions);
  for (protocol::KeyCapability& key : welcome.capabilities.keys) {
    key.role = auth::to_string(role_for_scope(key.scope));
  }
  return welcome;
}

void welcome(HubCore& hub, Session& session, const Hello& hello) {
  const bool is_native = session.dialect == Dialect::Native;
  std::map<std::string, protocol::Cursor> presented;
  if (!is_native) presented = hub.original().known_cursors(hello.payload.resume_tokens);
  if (const auto layers = presented.find("notify.layers"); layers != presented.end()) {
    session.layers_token = layers->second.delta_token;
  }
  protocol::Welcome frame;
  frame.session.id = session.id.value;
  frame.features = protocol::welcome_features(command_names(session.role), presented);
  hub.send(session, {.type = "session.welcome",
                     .payload = to_payload(frame),
                     .nd = is_native ? to_nd(native_welcome(hub, session)) : Json()});
}

}  // namespace

void refuse(HubCore& hub, Session& session, const Reject& reject) {
  ++hub.counters().refused_handshakes;
  hub.send(session, "session.reject", to_payload(reject));
  const bool may_retry = reject.code == RejectCode::RoomFull || reject.code == RejectCode::RateLimited;
  hub.close(session, may_retry ? close_code::kTryAgainLater : close_code::kRefused, to_string(reject.code));
}

void on_first_frame(HubCore& hub, Session& session, std::string_view text) {
  const auto hello = read_hello(text);
  if (!hello) return refuse(hub, session, hello.error());
  const auto role = authorise(hub.config(), session.connection, *hello);
  if (!role) return refuse(hub, session, role.error());
  auto view = find_view(hub.services().ledger(), *hello);
  if (!view) return refuse(hub, session, view.error());
  session.role = *role;
  session.view = *std::move(view);
  enter(hub, session, *hello);
  log().info("room {}: session {} ({}) is {}, {} as {}", hub.config().room, session.id.value, session.connection.remote,
             session.actor.name, session.dialect == Dialect::Native ? "native" : "original",
             auth::to_string(session.role));
  welcome(hub, session, *hello);
}

}  // namespace ndcast::session
