#pragma once
// What an open session's frame is for: a table from type to handler. The handlers live with what they serve.

#include <chrono>
#include <string_view>

#include "protocol/envelope.h"
#include "session/hub_core.h"

namespace ndcast::session {

using FrameHandler = void (*)(HubCore& hub, Session& session, const protocol::Envelope& envelope);

/// Null for a type that the server does not serve.
FrameHandler handler_of(std::string_view type);

/// Parses and handles one frame. Whatever it holds, the session stays open (WP7), save for a goodbye.
void dispatch(HubCore& hub, Session& session, std::string_view text);

/// A frame that came too fast (RateLimiter): an update or a call is refused and told when to come back; others are
/// counted and forgotten.
void answer_too_fast(HubCore& hub, Session& session, std::string_view text, std::chrono::milliseconds wait);

}  // namespace ndcast::session
