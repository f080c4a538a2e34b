#pragma once
// A session's first frame (WP1, WP3–WP5): hello in, welcome or reject out.

#include <string_view>

#include "protocol/handshake.h"
#include "session/hub_core.h"

namespace ndcast::session {

/// Welcomes the session, which then is open and owed the state; or refuses and closes it.
void on_first_frame(HubCore& hub, Session& session, std::string_view text);

/// Sends session.reject and closes.
void refuse(HubCore& hub, Session& session, const protocol::Reject& reject);

}  // namespace ndcast::session
