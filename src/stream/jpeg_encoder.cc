#include "stream/jpeg_encoder.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csetjmp>
#include <cstdio>
#include <cstdlib>

#include <jpeglib.h>

#include "base/clock.h"

namespace ndcast::stream {
namespace {

/// libjpeg's scale: below, blocks show; above, bytes double for nothing that is seen while it moves.
constexpr double kLeastQuality = 35;
constexpr double kMostQuality = 88;
constexpr double kFirstQuality = 75;
/// Bytes of a picture change about as this power of the quality around 75 (measured: 60 to 88 is 1.9 times as many).
constexpr double kBytesPower = 1.7;

/// libjpeg reports errors by a call that must not return: it jumps to compress(), whose frame holds nothing to destroy.
struct Failure {
  jpeg_error_mgr manager{};
  std::jmp_buf back{};
  char message[JMSG_LENGTH_MAX] = {};
};

extern "C" void fail_jpeg_encoding(j_common_ptr info) {
  auto* failure = reinterpret_cast<Failure*>(info->err);  // the manager is its first member
  info->err->format_message(info, failure->message);
  std::longjmp(failure->back, 1);
}

/// libjpeg's buffer, which it allocates and enlarges.
struct Output {
  unsigned char* data = nullptr;
  unsigned long size = 0;

  Output() = default;
  ~Output() { std::free(data); }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
};

/// False with failure.message.
bool compress(const RgbaView& picture, int quality, Failure& failure, Output& out) {
  jpeg_compress_struct info;
  info.err = jpeg_std_error(&failure.manager);
  failure.manager.error_exit = fail_jpeg_encoding;
  if (setjmp(failure.back) != 0) {
    jpeg_destroy_compress(&info);
    return false;
  }
  jpeg_create_compress(&info);
  jpeg_mem_dest(&info, &out.data, &out.size);
  info.image_width = static_cast<JDIMENSION>(picture.width);
  info.image_height = static_cast<JDIMENSION>(picture.height);
  info.input_components = 4;
  info.in_color_space = JCS_EXT_RGBX;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, quality, TRUE);
  info.dct_method = JDCT_FASTEST;
  jpeg_start_compress(&info, TRUE);
  while (info.next_scanline < info.image_height) {
    // libjpeg does not write to what it reads.
    auto* row = const_cast<JSAMPLE*>(picture.data + info.next_scanline * picture.stride_bytes);
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  return true;
}

class JpegEncoder final : public Encoder {
 public:
  explicit JpegEncoder(const EncoderSettings& settings)
      : config_{.codec = PixelCodec::Jpeg,
                .codec_string = {},
                .description = {},
                .width = settings.width,
                .height = settings.height} {
    set_rate(settings.bitrate_bps, settings.fps);
  }

  std::string_view name() const override { return "jpeg"; }
  const StreamConfig& config() const override { return config_; }

  Result<EncodedFrame> encode(const RgbaView& picture, FrameKind /*kind*/) override {
    const SystemClock clock;
    const MonotonicTime begin = clock.now();
    const auto failure = std::make_unique<Failure>();
    Output out;
    if (!compress(picture, static_cast<int>(std::lround(quality_)), *failure, out)) {
      return fail(ErrorCode::Internal, "libjpeg: {}", failure->message);
    }
    const auto* const bytes = reinterpret_cast<const std::byte*>(out.data);
    EncodedFrame frame{.payload = std::vector<std::byte>(bytes, bytes + out.size), .keyframe = true};
    frame.encode_ms = milliseconds(clock.now() - begin);
    aim(static_cast<double>(out.size));
    return frame;
  }

  Result<void> reconfigure(std::int64_t bitrate_bps, double fps) override {
    set_rate(bitrate_bps, fps);
    return {};
  }

 private:
  void set_rate(std::int64_t bitrate_bps, double fps) { bytes_a_frame_ = static_cast<double>(bitrate_bps) / fps / 8; }
  /// The quality that would have made the last picture as large as a frame may be, for the next one.
  void aim(double bytes) {
    const double wanted = quality_ * std::pow(bytes_a_frame_ / std::max(bytes, 1.0), 1 / kBytesPower);
    quality_ = std::clamp(wanted, kLeastQuality, kMostQuality);
  }

  const StreamConfig config_;
  double bytes_a_frame_ = 0;
  double quality_ = kFirstQuality;
};

}  // namespace

Result<std::unique_ptr<Encoder>> make_jpeg_encoder(const EncoderSettings& settings) {
  return std::make_unique<JpegEncoder>(settings);
}

}  // namespace ndcast::stream
