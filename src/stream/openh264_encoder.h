#pragma once
// H.264 in software through libopenh264 (BSD licence): for builds without x264. Baseline profile, one frame in, one
// frame out, intra frames only when asked for. Reached through make_encoder("openh264", …); absent from builds without
// NDCAST_OPENH264.

#include <memory>

#include "base/result.h"
#include "stream/encoder.h"

namespace ndcast::stream {

/// It aims at the bit rate on average: a frame may be several times its share, where x264's never is.
Result<std::unique_ptr<Encoder>> make_openh264_encoder(const EncoderSettings& settings);

}  // namespace ndcast::stream
