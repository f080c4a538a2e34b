#include "session/dispatch.h"

#include <algorithm>
#include <array>
#include <exception>

#include <fmt/format.h>

#include "base/ids.h"
#include "base/log.h"
#include "session/command.h"
#include "session/session_frames.h"
#include "session/state_handler.h"

namespace ndcast::session {
namespace {

using protocol::Envelope;

struct Route {
  std::string_view type;
  FrameHandler handler;
  /// Answers a frame of the type that did not parse.
  void (*malformed)(HubCore&, Session&, const protocol::FrameError&);
  /// Answers a frame that came too fast; null: nothing waits for an answer.
  void (*too_fast)(HubCore&, Session&, const Envelope&, std::chrono::milliseconds wait);
};

constexpr std::array kRoutes = {
    Route{"state.update", handle_state_update, answer_malformed_update, refuse_hasty_update},
    Route{"call.command", handle_call, answer_malformed_call, refuse_hasty_call},
    Route{"session.heartbeat", handle_heartbeat, answer_malformed, nullptr},
    Route{"session.ack", handle_heartbeat, answer_malformed, nullptr},
    Route{"session.goodbye", handle_goodbye, answer_malformed, nullptr},
    Route{"nd.presence", handle_presence, answer_malformed, nullptr},
};

const Route* find_route(std::string_view type) {
  const auto it = std::ranges::find(kRoutes, type, &Route::type);
  return it == kRoutes.end() ? nullptr : &*it;
}

void on_malformed(HubCore& hub, Session& session, const protocol::FrameError& error) {
  if (const Route* route = find_route(error.partial.type)) {
    ++hub.counters().malformed;
    route->malformed(hub, session, error);
  } else if (!error.partial.type.empty()) {
    answer_unknown_type(hub, session, error.partial.type);
  } else {
    ++hub.counters().malformed;
    answer_malformed(hub, session, error);
  }
}

/// A handler that throws has met something of ours that failed, memory most likely; the session goes on, with a trace
/// id to find the cause by.
void guarded(HubCore& hub, Session& session, const Route& route, const Envelope& envelope) {
  try {
    route.handler(hub, session, envelope);
  } catch (const std::exception& exception) {
    const std::string trace = random_hex(8);
    log().error("room {}: {} of session {} failed, trace {}: {}", hub.config().room, envelope.type, session.id.value,
                trace, exception.what());
    answer_failed(hub, session, envelope, trace);
  }
}

}  // namespace

FrameHandler handler_of(std::string_view type) {
  const Route* route = find_route(type);
  return route ? route->handler : nullptr;
}

void answer_too_fast(HubCore& hub, Session& session, std::string_view text, std::chrono::milliseconds wait) {
  ++hub.counters().rate_limited;
  const auto envelope = protocol::parse_envelope(text);
  const Route* route = envelope ? find_route(envelope->type) : nullptr;
  if (route && route->too_fast) route->too_fast(hub, session, *envelope, wait);
}

void dispatch(HubCore& hub, Session& session, std::string_view text) {
  const auto envelope = protocol::parse_envelope(text);
  if (!envelope) return on_malformed(hub, session, envelope.error());
  const Route* route = find_route(envelope->type);
  if (!route) return answer_unknown_type(hub, session, envelope->type);
  guarded(hub, session, *route, *envelope);
}

}  // namespace ndcast::session
