#include "stream/encoder_choice.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "stream/encoder.h"

namespace ndcast::stream {
namespace {

/// Milliseconds that a keyframe took, conversion included.
Result<double> try_out(std::string_view name) {
  constexpr EncoderSettings kTried{.width = 1280, .height = 720};
  ND_ASSIGN(const auto encoder, make_encoder(name, kTried));
  RgbaPicture picture{.width = kTried.width, .height = kTried.height, .rgba = {}};
  picture.rgba.resize(std::size_t{4} * kTried.width * kTried.height);
  for (std::size_t i = 0; i < picture.rgba.size(); ++i) picture.rgba[i] = static_cast<std::uint8_t>(i * i >> 12);
  ND_ASSIGN(const EncodedFrame frame, encoder->encode(picture.view(), FrameKind::Key));
  if (!frame.keyframe) return fail(ErrorCode::Internal, "{} made no keyframe", name);
  return frame.convert_ms + frame.encode_ms;
}

}  // namespace

bool makes_video(std::string_view name) {
  const auto kind = std::ranges::find(encoder_kinds(), name, &EncoderKind::name);
  return kind != encoder_kinds().end() && !is_image_codec(kind->codec);
}

Result<EncoderChoice> choose_encoder(std::string_view wanted) {
  if (wanted != "auto") {
    ND_ASSIGN(const double ms, try_out(wanted));
    return EncoderChoice{std::string(wanted), fmt::format("as asked; a 720p keyframe takes it {:.1f} ms", ms)};
  }
  std::string failures;
  for (const EncoderKind& kind : encoder_kinds()) {
    // The null encoder is nobody's picture.
    if (kind.name == "null") continue;
    const Result<double> ms = try_out(kind.name);
    if (ms) {
      return EncoderChoice{
          std::string(kind.name),
          fmt::format("{}the best that works here; a 720p keyframe takes it {:.1f} ms", failures, *ms)};
    }
    failures += fmt::format("{} does not ({}); ", kind.name, ms.error().message);
  }
  return fail(ErrorCode::Unsupported, "no encoder of this build works: {}", failures);
}

}  // namespace ndcast::stream
