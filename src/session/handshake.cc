#include "session/handshake.h"

#include <expected>
#include <utility>

#include <fmt/format.h>

#include "base/limits.h"
#include "base/log.h"
#include "protocol/capabilities.h"
#include "protocol/native.h"
#include "session/command_registry.h"
#include "session/role_table.h"
#include "session/views.h"

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

Reject reject_of_denial(const auth::Denied& denied) {
  switch (denied.denial) {
    case auth::Denial::Required:
      return {RejectCode::AuthRequired, "open the link that the server printed, or give its token", {}};
    case auth::Denial::Expired:
      return {RejectCode::AuthExpired, denied.message, {}};
    case auth::Denial::Invalid:
      break;
  }
  return {RejectCode::AuthInvalid, denied.message, {}};
}

/// What the hello's own token grants, or the request's where the hello brings none.
std::expected<auth::Grant, auth::Denied> find_grant(const HubConfig& config, const ConnectionInfo& connection,
                                                    const Hello& hello) {
  if (connection.authorised) return *connection.authorised;
  if (!hello.payload.auth || !hello.payload.auth->token) {
    return std::unexpected(connection.denied.value_or(auth::Denied{auth::Denial::Required, ""}));
  }
  if (!config.authenticate) {
    return std::unexpected(auth::Denied{auth::Denial::Invalid, "the token is not this server's"});
  }
  return config.authenticate(*hello.payload.auth->token);
}

std::expected<auth::Grant, Reject> authorise(const HubCore& hub, const Session& session, const Hello& hello) {
  const HubConfig& config = hub.config();
  auto grant = find_grant(config, session.connection, hello);
  if (grant && !grant->opens_room(config.room)) {
    grant = std::unexpected(auth::Denied{auth::Denial::Invalid, "the token is for another room"});
  }
  if (grant) return *std::move(grant);
  log().warn("room {}: session {} ({}) is refused: {}: {}", config.room, session.id.value, session.connection.remote,
             to_string(grant.error().denial), grant.error().message);
  return std::unexpected(reject_of_denial(grant.error()));
}

/// The view that a native hello asks for; it sees none yet, so "main" and "room" are the room's first. Before the scene
/// is there, the main view counts as existing.
std::expected<scene::ViewId, Reject> find_view(const ledger::Ledger& ledger, const ConnectionInfo& connection,
                                               const Hello& hello) {
  // The original dialect sees the room's first view.
  if (connection.listener == Listener::OriginalOnly) return scene::kMainView;
  scene::ViewId view = protocol::view_from_wire(hello.nd && hello.nd->view ? *hello.nd->view : "", scene::kMainView);
  if (view != scene::kMainView && !ledger.snapshot()->find_view(view)) {
    return std::unexpected(Reject{RejectCode::RoomNotFound, fmt::format("the room has no view {}", view.value)});
  }
  return view;
}

/// Who a token was made for is said by the token; else the client says.
protocol::Actor actor_of(const Hello& hello, const auth::Grant& grant) {
  protocol::Actor actor{.name = hello.payload.client.name};
  if (hello.nd && hello.nd->actor) actor = *hello.nd->actor;
  if (!grant.subject.empty()) actor.name = grant.subject;
  if (actor.name.empty()) actor.name = "someone";
  if (actor.name.size() > limits::kNameBytes) actor.name = "someone";
  return actor;
}

void enter(HubCore& hub, Session& session, const Hello& hello, const auth::Grant& grant) {
  session.phase = Session::Phase::Open;
  session.heartbeat = Heartbeat(hub.now());
  session.role = grant.role;
  session.actor = actor_of(hello, grant);
  if (grant.expires_unix_s) session.expires_at = hub.monotonic_of(*grant.expires_unix_s);
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
      .durability = services.durability(),
      .pixel_ticket = services.mint_pixel_ticket(session.id, session.view),
      .capabilities = protocol::make_capabilities(command_names(session.role), services.encoders()),
  };
  const HubConfig& config = hub.config();
  std::map<std::string, std::int64_t>& limits = welcome.capabilities.limits;
  limits["sessions"] = static_cast<std::int64_t>(config.max_sessions);
  limits["updates_per_second"] = static_cast<std::int64_t>(config.rates.updates.per_second);
  limits["frames_per_second"] = static_cast<std::int64_t>(config.rates.frames.per_second);
  limits["bytes_per_second"] = static_cast<std::int64_t>(config.rates.bytes.per_second);
  if (config.seats) limits["sessions_per_process"] = static_cast<std::int64_t>(config.seats->total);
  for (protocol::KeyCapability& key : welcome.capabilities.keys) {
    key.role = auth::to_string(least_role(key.scope, key.key, owns_view(hub, session, session.view)));
    key.own_role = auth::to_string(least_role(key.scope, key.key, true));
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
  const auto grant = authorise(hub, session, *hello);
  if (!grant) return refuse(hub, session, grant.error());
  auto view = find_view(hub.services().ledger(), session.connection, *hello);
  if (!view) return refuse(hub, session, view.error());
  session.view = session.home = *std::move(view);
  enter(hub, session, *hello, *grant);
  hub.views().look_again();
  hub.note_presence(session);
  log().info("room {}: session {} ({}) is {}, {} as {}", hub.config().room, session.id.value, session.connection.remote,
             session.actor.name, session.dialect == Dialect::Native ? "native" : "original",
             auth::to_string(session.role));
  welcome(hub, session, *hello);
}

}  // namespace ndcast::session
