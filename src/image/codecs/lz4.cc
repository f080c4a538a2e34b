#include "image/codecs/lz4.h"

#include <climits>

#include <lz4.h>

namespace ndcast::image {
namespace {

constexpr std::size_t kPrefixBytes = 4;

class Lz4 final : public BytesCodec {
 public:
  Result<Bytes> decode(std::span<const std::byte> stored, SizeBound size) const override {
    if (stored.size() < kPrefixBytes) {
      return fail(ErrorCode::Corrupt, "lz4: {} bytes, expected at least {}", stored.size(), kPrefixBytes);
    }
    std::uint32_t decoded = 0;
    for (std::size_t i = 0; i < kPrefixBytes; ++i) decoded |= std::to_integer<std::uint32_t>(stored[i]) << (8 * i);
    ND_TRY(check_size("lz4", decoded, size));
    const auto block = stored.subspan(kPrefixBytes);
    if (decoded > INT_MAX || block.size() > INT_MAX) {
      return fail(ErrorCode::Corrupt, "lz4: {} bytes decode to {}, more than a block can hold", block.size(), decoded);
    }
    Bytes out(decoded);
    const int written =
        LZ4_decompress_safe(reinterpret_cast<const char*>(block.data()), reinterpret_cast<char*>(out.data()),
                            static_cast<int>(block.size()), static_cast<int>(out.size()));
    if (written < 0 || static_cast<std::size_t>(written) != out.size()) {
      return fail(ErrorCode::Corrupt, "lz4: the block of {} bytes does not decode to the {} that its prefix says",
                  block.size(), decoded);
    }
    return out;
  }
};

}  // namespace

Result<std::unique_ptr<const BytesCodec>> make_lz4(const Json&, std::string_view) { return std::make_unique<Lz4>(); }

}  // namespace ndcast::image
