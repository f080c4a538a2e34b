#pragma once
// Encoders, one file set each: x264_encoder, jpeg_encoder, null_encoder. A rendition (rendition.h) owns one and feeds
// it pictures.
//
//   ND_ASSIGN(auto encoder, make_encoder("x264", {.width = 1280, .height = 720}));
//   announce(encoder->config());
//   ND_ASSIGN(EncodedFrame frame, encoder->encode(picture.view(), FrameKind::Key));

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "stream/picture.h"
#include "stream/pixel_frame.h"

namespace ndcast::stream {

struct EncoderSettings {
  int width = 0;  ///< coded size, pixels; even
  int height = 0;
  double fps = 30;                       ///< the highest rate expected; each frame gets at most bitrate / fps bits
  std::int64_t bitrate_bps = 8'000'000;  ///< 8 Mbit/s holds 720p30 of hard content (a fibre volume's projection)
};

/// What a decoder must know beforehand.
struct StreamConfig {
  PixelCodec codec = PixelCodec::H264;
  std::string codec_string;            ///< RFC 6381: "avc1.640020"; empty for image codecs
  std::vector<std::byte> description;  ///< avcC record for H.264; empty for image codecs
  int width = 0;
  int height = 0;

  friend bool operator==(const StreamConfig&, const StreamConfig&) = default;
};

struct EncodedFrame {
  std::vector<std::byte> payload;  ///< AVCC for H.264, with SPS and PPS on keyframes; the image file otherwise
  bool keyframe = false;
  double convert_ms = 0;
  double encode_ms = 0;
  /// Mean quantiser, where the codec has one (H.264: 0 best – 51), else −1.
  double quantiser = -1;
};

/// A Refine frame is a Delta of a picture that was encoded already and rests: as fine as the bit rate allows.
enum class FrameKind { Delta, Key, Refine };

/// One thread at a time. Frames come out one for one and at once: no lookahead, no reordering.
class Encoder {
 public:
  virtual ~Encoder() = default;
  virtual std::string_view name() const = 0;
  /// Known from the start; does not change in an encoder's life.
  virtual const StreamConfig& config() const = 0;
  /// A picture of another size is scaled to the coded one; by image codecs it is not, and whoever shows it does. Frames
  /// of image codecs are all keyframes; of others the first frame is a keyframe whatever `kind` says. Errors:
  /// Internal when the codec library refuses; the encoder is then useless.
  virtual Result<EncodedFrame> encode(const RgbaView& picture, FrameKind kind) = 0;
  /// Takes effect with the next frame, without a keyframe. Errors: Internal.
  virtual Result<void> reconfigure(std::int64_t bitrate_bps, double fps) = 0;
};

using EncoderFactory = std::function<Result<std::unique_ptr<Encoder>>(const EncoderSettings&)>;

/// One line of the registry.
struct EncoderKind {
  std::string_view name;
  PixelCodec codec;
  Result<std::unique_ptr<Encoder>> (*make)(const EncoderSettings&);
};

/// All that this build has, best first.
std::span<const EncoderKind> encoder_kinds();

/// Errors: Unsupported for a name that is not registered (the message lists those that are), Invalid for a size that
/// is odd or beyond the limits, Internal from the library.
Result<std::unique_ptr<Encoder>> make_encoder(std::string_view name, const EncoderSettings& settings);

}  // namespace ndcast::stream
