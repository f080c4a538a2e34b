#pragma once
// What a frame says about itself (WP19): which state it shows, from where, and where its time went.

#include <array>
#include <cstdint>

namespace ndcast::stream {

/// Milliseconds; a stage that did not happen is 0.
struct StageTimes {
  float intent_to_render_ms = 0;  ///< from the newest intent that the frame shows to the start of its rendering
  float render_ms = 0;
  float convert_ms = 0;  ///< read back, colour conversion, scaling
  float encode_ms = 0;
  float queue_ms = 0;  ///< from the end of encoding to the hand-over to the socket
  float total_ms = 0;  ///< from the intent (or else the start of rendering) to the hand-over
};

struct FrameState {
  std::uint64_t server_seq = 0;  ///< newest transaction whose effects are entirely in the picture
  std::uint64_t camera_seq = 0;  ///< newest camera intent that is
  std::uint32_t view_epoch = 0;
  std::int8_t level_shown = 0;
  bool complete = false;      ///< every visible chunk at the wanted level is in the picture
  std::uint8_t ndisplay = 2;  ///< camera mode, 2 or 3
  std::uint8_t binding = 0;   ///< of the socket's session, when the frame was made for it (WP32)
  /// 2: left, bottom, width, height of the visible rectangle, then zeros. 3: center x, y, z, azimuth, elevation, roll
  /// (degrees), distance, field of view (degrees). World units.
  std::array<double, 8> pose{};
  StageTimes times;
  /// Counts a view's pictures: video frames and strips of one picture have the same (WP38). 0: not counted.
  std::uint32_t picture = 0;
  std::uint32_t strip_top = 0;  ///< first row of a strip of a still
};

}  // namespace ndcast::stream
