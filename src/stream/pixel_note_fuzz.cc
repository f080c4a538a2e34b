#include <cmath>
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "stream/pixel_note.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto note = ndcast::stream::parse_pixel_note({reinterpret_cast<const char*>(data), size});
  if (!note) {
    ND_CHECK(!note.error().message.empty());
  } else if (const auto* presented = std::get_if<ndcast::stream::PresentedNote>(&*note)) {
    ND_CHECK(std::isfinite(presented->decode_ms) && std::isfinite(presented->present_ms));
  }
  return 0;
}
