#pragma once
// Decompressors that want their output buffer first, for streams that do not say how long they get: try, and double
// until it fits or the bound is reached.

#include <algorithm>
#include <optional>
#include <span>
#include <string_view>

#include "image/codec.h"

namespace ndcast::image {

/// `try_decode(out)` → Result<std::optional<std::size_t>>: bytes written, or nothing when `out` is too small.
template <class TryDecode>
Result<Bytes> decode_growing(std::string_view codec, std::size_t stored_bytes, SizeBound size, TryDecode&& try_decode) {
  // Exact sizes fit at once; others start at the usual ratio.
  std::size_t capacity = size.exact ? size.bytes : std::min(size.bytes, 4 * stored_bytes + 4096);
  for (;;) {
    Bytes out(capacity);
    ND_ASSIGN(const std::optional<std::size_t> written, try_decode(std::span<std::byte>(out)));
    if (written) {
      ND_TRY(check_size(codec, *written, size));
      out.resize(*written);
      return out;
    }
    if (capacity >= size.bytes) {
      return fail(ErrorCode::Corrupt, "{}: decodes to more than {} bytes, expected {}{}", codec, capacity,
                  size.exact ? "" : "at most ", size.bytes);
    }
    capacity = std::min(size.bytes, 2 * capacity);
  }
}

}  // namespace ndcast::image
