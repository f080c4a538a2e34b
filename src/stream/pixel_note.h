#pragma once
// What a viewer tells back on its pixel socket (WP22): small JSON texts that inform and never gate the video.
//
//   {"type":"presented","seq":41,"decode_ms":2.1,"present_ms":9.0}     {"type":"visible","value":false}
//   {"type":"strip","seq":42}

#include <cstdint>
#include <string_view>
#include <variant>

#include "base/result.h"

namespace ndcast::stream {

struct PresentedNote {
  std::uint32_t seq = 0;
  double decode_ms = 0;   ///< 0 – 60,000
  double present_ms = 0;  ///< from receipt to presentation, 0 – 60,000
};

struct VisibleNote {
  bool visible = true;
};

/// A strip of a still is with the viewer: the next may come (WP38).
struct StripNote {
  std::uint32_t seq = 0;
};

using PixelNote = std::variant<PresentedNote, VisibleNote, StripNote>;

/// Errors: Limit (longer than kPixelMessageBytes), Invalid (not JSON, unknown type, a member missing or of the wrong
/// kind or out of range). Unknown members are ignored.
Result<PixelNote> parse_pixel_note(std::string_view text);

}  // namespace ndcast::stream
