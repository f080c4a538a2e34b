#include "image/codecs/bitround.h"

namespace ndcast::image {
namespace {

class BitroundOnBytes final : public BytesCodec {
 public:
  Result<Bytes> decode(std::span<const std::byte> stored, SizeBound size) const override {
    ND_TRY(check_size("bitround", stored.size(), size));
    return Bytes(stored.begin(), stored.end());
  }
  SizeBound encoded_size(SizeBound decoded) const override { return decoded; }
};

class BitroundOnArray final : public ArrayCodec {
 public:
  Result<ArraySpec> encoded(const ArraySpec& decoded) const override { return decoded; }
  Result<Bytes> decode(Bytes stored, const ArraySpec&) const override { return stored; }
};

}  // namespace

Result<std::unique_ptr<const BytesCodec>> make_bitround_bytes(const Json&, std::string_view) {
  return std::make_unique<BitroundOnBytes>();
}

Result<std::unique_ptr<const ArrayCodec>> make_bitround_array(const Json&, std::string_view) {
  return std::make_unique<BitroundOnArray>();
}

}  // namespace ndcast::image
