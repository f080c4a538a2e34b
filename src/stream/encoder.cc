#include "stream/encoder.h"

#include <algorithm>
#include <array>

#include "base/limits.h"
#include "stream/jpeg_encoder.h"
#include "stream/null_encoder.h"
#include "stream/openh264_encoder.h"
#include "stream/x264_encoder.h"

namespace ndcast::stream {
namespace {

constexpr auto kKinds = std::to_array<EncoderKind>({
#ifdef NDCAST_HAVE_X264
    {"x264", PixelCodec::H264, make_x264_encoder},
#endif
#ifdef NDCAST_HAVE_OPENH264
    {"openh264", PixelCodec::H264, make_openh264_encoder},
#endif
    {"jpeg", PixelCodec::Jpeg, make_jpeg_encoder},
    {"null", PixelCodec::H264, make_null_encoder},
});

std::string names() {
  std::string out;
  for (const EncoderKind& kind : kKinds) out += (out.empty() ? "" : ", ") + std::string(kind.name);
  return out;
}

}  // namespace

std::span<const EncoderKind> encoder_kinds() { return kKinds; }

Result<std::unique_ptr<Encoder>> make_encoder(std::string_view name, const EncoderSettings& settings) {
  const auto kind = std::ranges::find(kKinds, name, &EncoderKind::name);
  if (kind == kKinds.end()) {
    return fail(ErrorCode::Unsupported, "there is no encoder '{}' in this build (it has {})", name, names());
  }
  const auto fits = [](int size, int limit) { return size >= limits::kCanvasMin && size <= limit && size % 2 == 0; };
  if (!fits(settings.width, limits::kCanvasMaxWidth) || !fits(settings.height, limits::kCanvasMaxHeight)) {
    return fail(ErrorCode::Invalid, "a picture of {} × {} cannot be encoded (even sizes from {} to {} × {} expected)",
                settings.width, settings.height, limits::kCanvasMin, limits::kCanvasMaxWidth, limits::kCanvasMaxHeight);
  }
  if (!(settings.fps > 0) || settings.bitrate_bps <= 0) {
    return fail(ErrorCode::Invalid, "{} frames a second at {} bit/s cannot be encoded (positive numbers expected)",
                settings.fps, settings.bitrate_bps);
  }
  return kind->make(settings);
}

}  // namespace ndcast::stream
