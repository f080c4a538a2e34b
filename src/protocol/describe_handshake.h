#pragma once
// The session frames' payloads as they stand on the wire (see described.h).

#include "protocol/commands.h"
#include "protocol/described.h"
#include "protocol/handshake.h"

namespace ndcast::protocol {

NDCAST_DESCRIBE(ClientInfo, (name, version, platform))
NDCAST_DESCRIBE(Auth, (type, token))
NDCAST_DESCRIBE(HelloPayload, (protocols, client, features, resume_tokens, auth))
NDCAST_WORDS(ActorKind, "human", "agent")
NDCAST_DESCRIBE(Actor, (name, kind))
NDCAST_DESCRIBE(Since, (history_id, server_seq))
NDCAST_DESCRIBE(HelloNative, (extensions, actor, view, since))
NDCAST_OPEN(HelloNative)
NDCAST_WORDS(RejectCode, "timeout", "invalid_json", "invalid_payload", "unexpected_message", "protocol_mismatch",
             "unsupported_client", "invalid_resume_token", "auth.required", "auth.invalid", "auth.expired",
             "room.not_found", "room.full", "rate.limited")
NDCAST_DESCRIBE(Cursor, (seq, delta_token))
NDCAST_DESCRIBE(FeatureState, (enabled, version, resume, commands, resume_state))
NDCAST_DESCRIBE(SessionInfo, (id, heartbeat_s, ack_timeout_ms))
NDCAST_DESCRIBE(Welcome, (protocol_version, session, features))
NDCAST_DESCRIBE(KeyCapability, (scope, key, type, words, minimum, maximum, default_value, role, own_role))
NDCAST_WIRE_NAME_OF(KeyCapability, {"words", "enum"}, {"default_value", "default"})
NDCAST_DESCRIBE(ColormapCapability, (name, stops))
NDCAST_DESCRIBE(Capabilities, (keys, commands, colormaps, limits, encoders))
NDCAST_DESCRIBE(WelcomeNative,
                (room, view, actor, role, history_id, server_seq, durability, pixel_ticket, capabilities))
NDCAST_DESCRIBE(Goodbye, (code, message, reason))
NDCAST_WORDS(CommandCode, "command.forbidden", "command.not_found", "command.invalid", "command.retryable",
             "command.timeout", "fs.not_found", "fs.forbidden", "zarr.invalid", "zarr.disambiguate")

}  // namespace ndcast::protocol
