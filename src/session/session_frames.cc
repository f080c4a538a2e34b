#include "session/session_frames.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "protocol/ack.h"
#include "protocol/commands.h"
#include "protocol/handshake.h"
#include "protocol/presence.h"

namespace ndcast::session {
namespace {

constexpr auto kUnknownTypeNotice = 60s;

// The desktop client sends these without an envelope and expects nothing: pings every 2 s, wheel and window events.
constexpr std::array<std::string_view, 3> kOriginalNoise = {"ping", "view.resize", "input.wheel"};

std::string quoted(std::string_view text) { return fmt::format("\"{}\"", text.substr(0, 64)); }

}  // namespace

void handle_heartbeat(HubCore& hub, Session& session, const protocol::Envelope& envelope) {
  const Result<void> empty = protocol::parse_empty(envelope.payload);
  if (empty) return;
  ++hub.counters().malformed;
  hub.notify_error(session, "protocol", "invalid_payload", envelope.type + ": " + empty.error().message);
}

void handle_presence(HubCore& hub, Session& session, const protocol::Envelope& envelope) {
  Result<protocol::Pointing> pointing = protocol::parse_pointing(envelope.payload);
  const auto axes = hub.services().ledger().snapshot()->axes;
  if (pointing && pointing->cursor && axes && pointing->cursor->size() != axes->axes.size()) {
    pointing = fail(ErrorCode::Invalid, "payload.cursor: expected {} numbers, one an axis, found {}", axes->axes.size(),
                    pointing->cursor->size());
  }
  if (pointing) return hub.presence().point(session.id, std::move(pointing->cursor));
  ++hub.counters().malformed;
  hub.notify_error(session, "protocol", "invalid_payload", "nd.presence: " + pointing.error().message);
}

void handle_goodbye(HubCore& hub, Session& session, const protocol::Envelope& envelope) {
  Result<protocol::Goodbye> goodbye = protocol::parse_goodbye(envelope.payload);
  if (!goodbye) {
    ++hub.counters().malformed;
    return hub.notify_error(session, "protocol", "invalid_payload", "session.goodbye: " + goodbye.error().message);
  }
  if (!goodbye->code) goodbye->code = "goodbye";
  if (!goodbye->message) goodbye->message = "client requested shutdown";
  if (!goodbye->reason) goodbye->reason = "client_goodbye";
  hub.send(session, "session.goodbye", to_payload(*goodbye));
  hub.close(session, close_code::kNormal, "goodbye");
}

void answer_malformed(HubCore& hub, Session& session, const protocol::FrameError& error) {
  hub.notify_error(session, "protocol", to_string(error.code), error.message);
}

void answer_unknown_type(HubCore& hub, Session& session, std::string_view type) {
  const bool is_noise =
      session.dialect == Dialect::Original && std::ranges::find(kOriginalNoise, type) != kOriginalNoise.end();
  if (is_noise) return;
  ++hub.counters().unknown_types;
  const MonotonicTime now = hub.now();
  if (session.unknown_told_at && now - *session.unknown_told_at < kUnknownTypeNotice) return;
  session.unknown_told_at = now;
  hub.notify_error(session, "protocol", "unknown_type",
                   fmt::format("frames of type {} are not served here", quoted(type)));
}

void answer_failed(HubCore& hub, Session& session, const protocol::Envelope& envelope, std::string_view trace) {
  const std::string message = fmt::format("the server failed; its log says why under trace {}", trace);
  if (envelope.type == "state.update") {
    hub.send(session, "ack.state",
             protocol::rejected_payload(envelope.intent_id, envelope.frame_id, {scene::StateCode::Error, message},
                                        Json::make_object({{"trace", trace}})));
  } else if (envelope.type == "call.command") {
    hub.send(session, "error.command",
             protocol::error_payload(envelope.frame_id, {protocol::CommandCode::Retryable, message, {}}));
  } else {
    hub.notify_error(session, "server", "internal", message);
  }
}

}  // namespace ndcast::session
