#pragma once
// state.update → reduce → commit → ack.state (WP8–WP11).

#include "protocol/envelope.h"
#include "session/hub_core.h"

namespace ndcast::session {

/// Sends exactly one ack, before anything that the update causes. A frame that was answered before gets the same
/// answer.
void handle_state_update(HubCore& hub, Session& session, const protocol::Envelope& envelope);

/// An update that is no frame but says which frame and intent it is: its one ack refuses it. Else notify.error.
void answer_malformed_update(HubCore& hub, Session& session, const protocol::FrameError& error);

/// Refuses an update that came too fast, whatever it says: rate.limited{retry_after_ms}. Sent again later it is judged
/// anew.
void refuse_hasty_update(HubCore& hub, Session& session, const protocol::Envelope& envelope,
                         std::chrono::milliseconds wait);

}  // namespace ndcast::session
