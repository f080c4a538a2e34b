// The parsers of pixel messages and H.264 payloads, which tools and test clients run on recorded bytes.

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/check.h"
#include "stream/bitstream.h"
#include "stream/pixel_frame.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ndcast::stream;
  const auto bytes = std::as_bytes(std::span(data, size));
  if (const auto frame = parse_pixel_frame(bytes)) {
    if (const auto nals = h264::split_avcc(frame->payload)) {
      const auto again = h264::nals_to_avcc(*nals);
      ND_CHECK(std::ranges::equal(again, frame->payload));
    }
  }
  const auto nals = h264::split_annex_b(bytes);
  const auto avcc = h264::nals_to_avcc(nals);
  const auto back = h264::split_avcc(avcc);
  ND_CHECK(back && back->size() == nals.size());
  static_cast<void>(h264::make_avcc_record(nals));
  for (const Nal nal : nals) static_cast<void>(h264::codec_string_of_sps(nal));
  return 0;
}
