// Frames: whatever parses prints, and reads back as the same frame.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "protocol/commands.h"
#include "protocol/envelope.h"
#include "protocol/handshake.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ndcast::protocol;
  const auto envelope = parse_envelope({reinterpret_cast<const char*>(data), size});
  if (!envelope) return 0;
  (void)parse_call(envelope->payload);
  (void)parse_goodbye(envelope->payload);
  (void)parse_empty(envelope->payload);
  if (!find_frame(envelope->type)) return 0;
  const auto again = parse_envelope(print(*envelope));
  ND_CHECK(again && again->payload == envelope->payload && again->frame_id == envelope->frame_id);
  return 0;
}
