#pragma once
// nd.presence as it stands on the wire.

#include "protocol/describe_handshake.h"
#include "protocol/presence.h"

namespace ndcast::protocol {

NDCAST_DESCRIBE(Pointing, (cursor))
NDCAST_DESCRIBE(Present, (session, actor, kind, role, view, follows, color, cursor))
NDCAST_DESCRIBE(PresenceNotice, (whole, sessions, here, gone))

}  // namespace ndcast::protocol
