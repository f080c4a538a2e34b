#include "image/codecs/deflate.h"

#include <algorithm>

#include <libdeflate.h>

#include "image/codecs/growing.h"

namespace ndcast::image {
namespace {

struct FreeDecompressor {
  void operator()(libdeflate_decompressor* decompressor) const { libdeflate_free_decompressor(decompressor); }
};

/// One a thread: its tables are 40 KiB and reusable.
libdeflate_decompressor* decompressor() {
  thread_local const std::unique_ptr<libdeflate_decompressor, FreeDecompressor> instance(
      libdeflate_alloc_decompressor());
  return instance.get();
}

using Decompress = libdeflate_result (*)(libdeflate_decompressor*, const void*, size_t, void*, size_t, size_t*,
                                         size_t*);

class Deflate final : public BytesCodec {
 public:
  Deflate(std::string_view name, Decompress decompress, bool members)
      : name_(name), decompress_(decompress), members_(members) {}

  Result<Bytes> decode(std::span<const std::byte> stored, SizeBound size) const override {
    return decode_growing(name_, stored.size(), size,
                          [&](std::span<std::byte> out) { return decode_into(stored, out); });
  }

 private:
  Result<std::optional<std::size_t>> decode_into(std::span<const std::byte> in, std::span<std::byte> out) const {
    std::size_t written = 0;
    do {
      std::size_t used = 0;
      std::size_t produced = 0;
      const auto rest = out.subspan(written);
      switch (decompress_(decompressor(), in.data(), in.size(), rest.data(), rest.size(), &used, &produced)) {
        case LIBDEFLATE_SUCCESS:
          break;
        case LIBDEFLATE_INSUFFICIENT_SPACE:
          return std::nullopt;
        default:
          return fail(ErrorCode::Corrupt, "{}: the stream of {} bytes is damaged or cut off", name_, in.size());
      }
      written += produced;
      in = in.subspan(used);
      // Writers may pad the last member with zeros (gzip's manual, "padding").
    } while (members_ && std::ranges::any_of(in, [](std::byte byte) { return byte != std::byte{0}; }));
    return written;
  }

  std::string_view name_;
  Decompress decompress_;
  bool members_;
};

}  // namespace

Result<std::unique_ptr<const BytesCodec>> make_gzip(const Json&, std::string_view) {
  return std::make_unique<Deflate>("gzip", libdeflate_gzip_decompress_ex, true);
}

Result<std::unique_ptr<const BytesCodec>> make_zlib(const Json&, std::string_view) {
  return std::make_unique<Deflate>("zlib", libdeflate_zlib_decompress_ex, false);
}

}  // namespace ndcast::image
