#pragma once
// Payload of nd.telemetry (docs/protocol.md WP14): how a view's pictures come about, for who asked.

#include <cstdint>
#include <string>

#include "base/json.h"

namespace ndcast::protocol {

/// Of the newest picture, milliseconds.
struct StageMilliseconds {
  double intent_to_render = 0;  ///< from the newest intent that it shows to the start of its rendering
  double render = 0;
  double convert = 0;  ///< read back, colour conversion, scaling
  double encode = 0;
};

/// Of who is told, between the server and its viewer.
struct ConnectionTelemetry {
  std::int64_t carries = 0;  ///< bit/s that it can be sent, as far as that was tried; 0 without a pixel socket
  double round_trip_ms = 0;  ///< of the picture noted last; 0: none was
  double decode_ms = 0;      ///< as the viewer says
  double present_ms = 0;     ///< likewise, from decoding to the display
  bool half_size = false;    ///< it gets the video in half its size
};

struct TelemetryNotice {
  std::string view;          ///< id
  double fps = 0;            ///< encoded, since the last notice
  std::int64_t bitrate = 0;  ///< bit/s of the encoder, since the last notice
  std::int64_t frames = 0;   ///< encoded since the view's stream began
  StageMilliseconds stages_ms;
  ConnectionTelemetry connection;
  std::int64_t level_wanted = 0;
  std::int64_t level_shown = 0;
  std::string level_reason;
  std::int64_t chunks_wanted = 0;   ///< of all views of the room, not yet loaded
  std::int64_t chunks_visible = 0;  ///< likewise
  std::int64_t chunks_loaded = 0;   ///< by the process
  std::int64_t chunks_failed = 0;   ///< by the process
  std::int64_t cache_bytes = 0;     ///< decoded chunks of the process
  std::int64_t cache_limit_bytes = 0;
  std::int64_t resident_bytes = 0;  ///< slices and volumes held for rendering, of all views of the room
};

Json to_payload(const TelemetryNotice& notice);

}  // namespace ndcast::protocol
