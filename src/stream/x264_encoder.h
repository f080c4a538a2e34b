#pragma once
// H.264 in software through libx264, set up for the least latency: one frame in, one frame out, intra frames only when
// asked for. Reached through make_encoder("x264", …); absent from builds without NDCAST_X264.

#include <memory>

#include "base/result.h"
#include "stream/encoder.h"

namespace ndcast::stream {

Result<std::unique_ptr<Encoder>> make_x264_encoder(const EncoderSettings& settings);

}  // namespace ndcast::stream
