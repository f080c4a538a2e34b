#pragma once
// Decoders that are fed and drained in steps (bz2, lzma): the loop around them, which never produces more than is
// allowed and grows its output with what really came out, so that a small stream that claims much costs little.

#include <algorithm>
#include <span>

#include "image/codec.h"

namespace ndcast::image {

/// What one step took and gave, and whether it reached the end of a stream.
struct StreamStep {
  std::size_t used = 0;
  std::size_t produced = 0;
  bool ended = false;
};

/// `stream` has `name()` and `step(in, out)` → Result<StreamStep>; after an end its next step begins another stream.
/// Streams may follow each other; zeros behind the last one are padding.
template <class Stream>
Result<Bytes> decode_stream(Stream& stream, std::span<const std::byte> stored, SizeBound size) {
  constexpr std::size_t kFirst = std::size_t{64} << 10;
  // One byte more than allowed, so that too much is seen as such.
  const std::size_t most = size.bytes + 1;
  Bytes out(std::min(most, size.exact ? most : std::max(kFirst, 4 * stored.size())));
  std::size_t written = 0;
  for (bool inside = true; inside;) {
    ND_ASSIGN(const StreamStep step, stream.step(stored, std::span<std::byte>(out).subspan(written)));
    stored = stored.subspan(step.used);
    written += step.produced;
    if (written > size.bytes) {
      return fail(ErrorCode::Corrupt, "{}: decodes to more than {} bytes, expected {}{}", stream.name(), size.bytes,
                  size.exact ? "" : "at most ", size.bytes);
    }
    if (step.ended) {
      inside = std::ranges::any_of(stored, [](std::byte byte) { return byte != std::byte{0}; });
    } else if (written == out.size()) {
      out.resize(std::min(most, 2 * out.size()));
    } else if (step.used == 0 && step.produced == 0) {
      return fail(ErrorCode::Corrupt, "{}: the stream is cut off after {} decoded bytes", stream.name(), written);
    }
  }
  ND_TRY(check_size(stream.name(), written, size));
  out.resize(written);
  return out;
}

}  // namespace ndcast::image
