#pragma once
// nd.telemetry as it stands on the wire.

#include "protocol/described.h"
#include "protocol/telemetry.h"

namespace ndcast::protocol {

NDCAST_DESCRIBE(StageMilliseconds, (intent_to_render, render, convert, encode))
NDCAST_DESCRIBE(ConnectionTelemetry, (carries, round_trip_ms, decode_ms, present_ms, half_size))
NDCAST_DESCRIBE(TelemetryNotice, (view, fps, bitrate, frames, stages_ms, connection, level_wanted, level_shown,
                                  level_reason, chunks_wanted, chunks_visible, chunks_loaded, chunks_failed,
                                  cache_bytes, cache_limit_bytes, resident_bytes))

}  // namespace ndcast::protocol
