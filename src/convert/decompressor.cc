#include "convert/decompressor.h"

#include <algorithm>
#include <climits>

#include <bzlib.h>
#include <zlib.h>

#include "base/check.h"

namespace ndcast::convert {
namespace {

/// Both libraries count in 32 bits.
unsigned clamped(std::size_t size) { return static_cast<unsigned>(std::min<std::size_t>(size, INT_MAX)); }

class Deflate final : public Decompressor {
 public:
  // 32: gzip or zlib, by its header. Negative: neither.
  explicit Deflate(bool raw) : raw_(raw) {
    ND_CHECK(inflateInit2(&stream_, raw ? -MAX_WBITS : 32 + MAX_WBITS) == Z_OK);
  }
  ~Deflate() override { inflateEnd(&stream_); }
  Deflate(const Deflate&) = delete;
  Deflate& operator=(const Deflate&) = delete;

  Result<Step> run(std::span<const std::byte> packed, std::span<std::byte> out) override {
    if (ended_) {
      // gzip files may be several members one after the other; padding after the last is nobody's.
      if (raw_ || packed.empty() || packed[0] != std::byte{0x1f}) return Step{};
      inflateReset(&stream_);
      ended_ = false;
    }
    stream_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(packed.data()));
    stream_.avail_in = clamped(packed.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = clamped(out.size());
    const Step before{stream_.avail_in, stream_.avail_out};
    const int status = inflate(&stream_, Z_NO_FLUSH);
    const Step step{before.consumed - stream_.avail_in, before.produced - stream_.avail_out};
    if (status == Z_STREAM_END) {
      ended_ = true;
    } else if (status != Z_OK && !(status == Z_BUF_ERROR && (step.consumed != 0 || step.produced != 0))) {
      return fail(ErrorCode::Corrupt, "is no valid gzip or zlib stream ({})",
                  stream_.msg ? stream_.msg : "it makes no progress");
    }
    return step;
  }
  bool ended() const override { return ended_; }

 private:
  z_stream stream_{};
  bool raw_;
  bool ended_ = false;
};

class Bzip2 final : public Decompressor {
 public:
  Bzip2() { ND_CHECK(BZ2_bzDecompressInit(&stream_, 0, 0) == BZ_OK); }
  ~Bzip2() override { BZ2_bzDecompressEnd(&stream_); }
  Bzip2(const Bzip2&) = delete;
  Bzip2& operator=(const Bzip2&) = delete;

  Result<Step> run(std::span<const std::byte> packed, std::span<std::byte> out) override {
    if (ended_) {
      if (packed.empty() || packed[0] != std::byte{'B'}) return Step{};
      BZ2_bzDecompressEnd(&stream_);
      stream_ = {};
      ND_CHECK(BZ2_bzDecompressInit(&stream_, 0, 0) == BZ_OK);
      ended_ = false;
    }
    stream_.next_in = const_cast<char*>(reinterpret_cast<const char*>(packed.data()));
    stream_.avail_in = clamped(packed.size());
    stream_.next_out = reinterpret_cast<char*>(out.data());
    stream_.avail_out = clamped(out.size());
    const Step before{stream_.avail_in, stream_.avail_out};
    const int status = BZ2_bzDecompress(&stream_);
    const Step step{before.consumed - stream_.avail_in, before.produced - stream_.avail_out};
    if (status == BZ_STREAM_END) {
      ended_ = true;
    } else if (status != BZ_OK) {
      return fail(ErrorCode::Corrupt, "is no valid bzip2 stream (error {})", status);
    }
    return step;
  }
  bool ended() const override { return ended_; }

 private:
  bz_stream stream_{};
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<Decompressor> make_decompressor(Compression compression) {
  ND_CHECK(compression != Compression::None);
  if (compression == Compression::Bzip2) return std::make_unique<Bzip2>();
  return std::make_unique<Deflate>(compression == Compression::RawDeflate);
}

}  // namespace ndcast::convert
