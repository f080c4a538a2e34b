#include "image/codecs/checksum.h"

#include <libdeflate.h>

#include "image/json_fields.h"

namespace ndcast::image {
namespace {

constexpr std::size_t kChecksumBytes = 4;

std::uint32_t crc32(std::span<const std::byte> bytes) { return libdeflate_crc32(0, bytes.data(), bytes.size()); }
std::uint32_t adler32(std::span<const std::byte> bytes) { return libdeflate_adler32(1, bytes.data(), bytes.size()); }

using Sum = std::uint32_t (*)(std::span<const std::byte>);

class Checksum final : public BytesCodec {
 public:
  Checksum(std::string_view name, Sum sum, bool at_end) : name_(name), sum_(sum), at_end_(at_end) {}

  Result<Bytes> decode(std::span<const std::byte> stored, SizeBound size) const override {
    if (stored.size() < kChecksumBytes) {
      return fail(ErrorCode::Corrupt, "{}: {} bytes, expected at least {}", name_, stored.size(), kChecksumBytes);
    }
    const std::size_t body_bytes = stored.size() - kChecksumBytes;
    const auto body = stored.subspan(at_end_ ? 0 : kChecksumBytes, body_bytes);
    const auto written = stored.subspan(at_end_ ? body_bytes : 0, kChecksumBytes);
    ND_TRY(check_size(name_, body.size(), size));
    std::uint32_t expected = 0;
    for (std::size_t i = 0; i < kChecksumBytes; ++i) expected |= std::to_integer<std::uint32_t>(written[i]) << (8 * i);
    if (const std::uint32_t found = sum_(body); found != expected) {
      return fail(ErrorCode::Corrupt, "{}: the bytes have {:08x}, stored is {:08x}", name_, found, expected);
    }
    return Bytes(body.begin(), body.end());
  }

  SizeBound encoded_size(SizeBound decoded) const override { return {decoded.bytes + kChecksumBytes, decoded.exact}; }

 private:
  std::string_view name_;
  Sum sum_;
  bool at_end_;
};

Result<std::unique_ptr<const BytesCodec>> make(std::string_view name, Sum sum, bool at_end, const Json& config,
                                               std::string_view where) {
  if (const Json* location = config.find("location"); location && !location->is_null()) {
    const std::string_view text = location->as_string().value_or("");
    if (text != "start" && text != "end") {
      return fail(ErrorCode::Invalid, "{}: \"location\" is {}; expected \"start\" or \"end\"", where,
                  quoted(*location));
    }
    at_end = text == "end";
  }
  return std::make_unique<Checksum>(name, sum, at_end);
}

}  // namespace

std::uint32_t fletcher32(std::span<const std::byte> bytes) {
  std::uint32_t low = 0;
  std::uint32_t high = 0;
  std::size_t at = 0;
  while (at < bytes.size()) {
    // 360 words are the most that 32 bits add up without overflow (HDF5, H5checksum.c).
    for (std::size_t words = 0; words < 360 && at < bytes.size(); ++words, at += 2) {
      std::uint32_t word = std::to_integer<std::uint32_t>(bytes[at]) << 8;
      if (at + 1 < bytes.size()) word |= std::to_integer<std::uint32_t>(bytes[at + 1]);
      low += word;
      high += low;
    }
    low = (low & 0xffffU) + (low >> 16);
    high = (high & 0xffffU) + (high >> 16);
  }
  low = (low & 0xffffU) + (low >> 16);
  high = (high & 0xffffU) + (high >> 16);
  return (high << 16) | low;
}

Result<std::unique_ptr<const BytesCodec>> make_crc32(const Json& config, std::string_view where) {
  return make("crc32", crc32, false, config, where);
}

Result<std::unique_ptr<const BytesCodec>> make_adler32(const Json& config, std::string_view where) {
  return make("adler32", adler32, false, config, where);
}

Result<std::unique_ptr<const BytesCodec>> make_fletcher32(const Json& config, std::string_view where) {
  return make("fletcher32", fletcher32, true, config, where);
}

}  // namespace ndcast::image
