#include "image/codecs/blosc.h"

#include <algorithm>

#include <blosc.h>

namespace ndcast::image {
namespace {

class Blosc final : public BytesCodec {
 public:
  Result<Bytes> decode(std::span<const std::byte> stored, SizeBound size) const override {
    if (stored.size() < BLOSC_MIN_HEADER_LENGTH) {
      return fail(ErrorCode::Corrupt, "blosc: {} bytes, expected a header of {}", stored.size(),
                  BLOSC_MIN_HEADER_LENGTH);
    }
    std::size_t decoded_bytes = 0;
    std::size_t buffer_bytes = 0;
    std::size_t block_bytes = 0;
    blosc_cbuffer_sizes(stored.data(), &decoded_bytes, &buffer_bytes, &block_bytes);
    if (buffer_bytes > stored.size()) {
      return fail(ErrorCode::Corrupt, "blosc: {} bytes, the header says {}", stored.size(), buffer_bytes);
    }
    ND_TRY(check_size("blosc", decoded_bytes, size));
    std::size_t validated_bytes = 0;
    if (blosc_cbuffer_validate(stored.data(), buffer_bytes, &validated_bytes) < 0 || validated_bytes != decoded_bytes) {
      return fail(ErrorCode::Corrupt, "blosc: the header of {} bytes that claim to decode to {} is not valid",
                  buffer_bytes, decoded_bytes);
    }
    Bytes out(decoded_bytes);
    if (out.empty()) return out;
    // One thread: the load pool already uses every core, a chunk each.
    const int written = blosc_decompress_ctx(stored.data(), out.data(), out.size(), 1);
    if (written < 0 || static_cast<std::size_t>(written) != out.size()) {
      return fail(ErrorCode::Corrupt, "blosc: {} bytes ({}) do not decode to the {} that the header says", buffer_bytes,
                  compressor_of(stored), decoded_bytes);
    }
    return out;
  }

  SizeBound encoded_size(SizeBound decoded) const override { return {decoded.bytes + 2 * BLOSC_MAX_OVERHEAD, false}; }

 private:
  static std::string_view compressor_of(std::span<const std::byte> stored) {
    const char* name = blosc_cbuffer_complib(stored.data());
    return name ? name : "a compressor that this build of blosc lacks";
  }
};

}  // namespace

Result<std::unique_ptr<const BytesCodec>> make_blosc(const Json&, std::string_view) {
  return std::make_unique<Blosc>();
}

}  // namespace ndcast::image
