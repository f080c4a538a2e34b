#include "image/codecs/bz2.h"

#include <algorithm>
#include <climits>

#include <bzlib.h>

#include "image/codecs/streaming.h"

namespace ndcast::image {
namespace {

/// One decoder, for one stream after the other.
class Bz2Stream {
 public:
  Bz2Stream() = default;
  ~Bz2Stream() {
    if (begun_) BZ2_bzDecompressEnd(&stream_);
  }
  Bz2Stream(const Bz2Stream&) = delete;
  Bz2Stream& operator=(const Bz2Stream&) = delete;

  std::string_view name() const { return "bz2"; }

  Result<StreamStep> step(std::span<const std::byte> in, std::span<std::byte> out) {
    if (!begun_) {
      stream_ = {};
      if (BZ2_bzDecompressInit(&stream_, 0, 0) != BZ_OK) {
        return fail(ErrorCode::Limit, "bz2: no memory for a decoder");
      }
      begun_ = true;
    }
    // The library's pointer is not const but only reads.
    stream_.next_in = const_cast<char*>(reinterpret_cast<const char*>(in.data()));
    stream_.avail_in = static_cast<unsigned>(std::min<std::size_t>(in.size(), UINT_MAX));
    stream_.next_out = reinterpret_cast<char*>(out.data());
    stream_.avail_out = static_cast<unsigned>(std::min<std::size_t>(out.size(), UINT_MAX));
    const std::size_t offered_in = stream_.avail_in;
    const std::size_t offered_out = stream_.avail_out;
    const int status = BZ2_bzDecompress(&stream_);
    if (status != BZ_OK && status != BZ_STREAM_END) {
      return fail(ErrorCode::Corrupt, "bz2: the stream is damaged (libbz2's error {})", status);
    }
    if (status == BZ_STREAM_END) {
      BZ2_bzDecompressEnd(&stream_);
      begun_ = false;
    }
    return StreamStep{offered_in - stream_.avail_in, offered_out - stream_.avail_out, status == BZ_STREAM_END};
  }

 private:
  bz_stream stream_{};
  bool begun_ = false;
};

class Bz2 final : public BytesCodec {
 public:
  Result<Bytes> decode(std::span<const std::byte> stored, SizeBound size) const override {
    Bz2Stream stream;
    return decode_stream(stream, stored, size);
  }
};

}  // namespace

Result<std::unique_ptr<const BytesCodec>> make_bz2(const Json&, std::string_view) { return std::make_unique<Bz2>(); }

}  // namespace ndcast::image
