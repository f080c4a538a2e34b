#include "image/codecs/shuffle.h"

#include <algorithm>

namespace ndcast::image {
namespace {

class Shuffle final : public BytesCodec {
 public:
  explicit Shuffle(std::size_t element_bytes) : element_bytes_(element_bytes) {}

  Result<Bytes> decode(std::span<const std::byte> stored, SizeBound size) const override {
    ND_TRY(check_size("shuffle", stored.size(), size));
    Bytes out(stored.begin(), stored.end());
    const std::size_t count = stored.size() / element_bytes_;  // a rest shorter than an element is stored as it is
    for (std::size_t k = 0; k < element_bytes_; ++k) {
      const std::byte* plane = stored.data() + k * count;
      for (std::size_t i = 0; i < count; ++i) out[i * element_bytes_ + k] = plane[i];
    }
    return out;
  }

  SizeBound encoded_size(SizeBound decoded) const override { return decoded; }

 private:
  std::size_t element_bytes_;
};

}  // namespace

Result<std::unique_ptr<const BytesCodec>> make_shuffle(const Json& config, std::string_view where) {
  std::int64_t element_bytes = 4;
  if (config.find("elementsize")) {
    ND_ASSIGN(element_bytes, config_integer(config, "elementsize", where));
  }
  if (element_bytes < 0 || element_bytes > 256) {
    return fail(ErrorCode::Invalid, "{}: \"elementsize\" is {}; expected 0 to 256", where, element_bytes);
  }
  // numcodecs lets 0 and 1 both mean that nothing moves.
  return std::make_unique<Shuffle>(static_cast<std::size_t>(std::max<std::int64_t>(element_bytes, 1)));
}

}  // namespace ndcast::image
