#pragma once
// Frames about the session itself: signs of life, goodbye, and what is answered to frames that make no sense (WP6,
// WP7).

#include <string_view>

#include "protocol/envelope.h"
#include "session/hub_core.h"

namespace ndcast::session {

/// session.heartbeat and session.ack: being there is all they say.
void handle_heartbeat(HubCore& hub, Session& session, const protocol::Envelope& envelope);
/// nd.presence: what the session points at (WP14).
void handle_presence(HubCore& hub, Session& session, const protocol::Envelope& envelope);
/// Echoes the goodbye and closes.
void handle_goodbye(HubCore& hub, Session& session, const protocol::Envelope& envelope);

/// notify.error, with what was wrong with the frame.
void answer_malformed(HubCore& hub, Session& session, const protocol::FrameError& error);
/// Counts; tells the client at most once a minute.
void answer_unknown_type(HubCore& hub, Session& session, std::string_view type);
/// A handler failed for a reason of ours: state.error for an update, command.retryable for a call, else notify.error.
void answer_failed(HubCore& hub, Session& session, const protocol::Envelope& envelope, std::string_view trace);

}  // namespace ndcast::session
