#include "image/codecs/pack_bits.h"

namespace ndcast::image {
namespace {

class PackBits final : public BytesCodec {
 public:
  Result<Bytes> decode(std::span<const std::byte> stored, SizeBound size) const override {
    const std::size_t padding = stored.empty() ? 8 : std::to_integer<std::size_t>(stored[0]);
    const std::size_t bits = stored.empty() ? 0 : 8 * (stored.size() - 1);
    if (padding > 7 || padding > bits) {
      return fail(ErrorCode::Corrupt, "packbits: {} bytes with {} bits of padding", stored.size(), padding);
    }
    ND_TRY(check_size("packbits", bits - padding, size));
    Bytes out(bits - padding);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = (stored[1 + i / 8] >> (7 - i % 8)) & std::byte{1};
    return out;
  }

  SizeBound encoded_size(SizeBound decoded) const override { return {1 + (decoded.bytes + 7) / 8, decoded.exact}; }
};

class PackBitsArray final : public ArrayCodec {
 public:
  explicit PackBitsArray(std::string_view where) : where_(where) {}

  Result<ArraySpec> encoded(const ArraySpec& decoded) const override {
    if (decoded.dtype != DType::Bool) {
      return fail(ErrorCode::Invalid, "{}: packs {}; expected bool", where_, to_string(decoded.dtype));
    }
    ND_ASSIGN(const std::size_t bits, checked_bytes(decoded, where_));
    return ArraySpec{DType::UInt8, {static_cast<std::int64_t>(PackBits().encoded_size({bits, true}).bytes)}};
  }

  Result<Bytes> decode(Bytes stored, const ArraySpec& decoded) const override {
    return PackBits().decode(stored, {decoded.bytes(), true});
  }

 private:
  std::string where_;
};

}  // namespace

Result<std::unique_ptr<const ArrayCodec>> make_pack_bits_array(const Json&, std::string_view where) {
  return std::make_unique<PackBitsArray>(where);
}

Result<std::unique_ptr<const BytesCodec>> make_pack_bits(const Json&, std::string_view) {
  return std::make_unique<PackBits>();
}

}  // namespace ndcast::image
