#pragma once
// Which encoder makes the video of a process, settled at its start by trying.
//
//   ND_ASSIGN(const EncoderChoice choice, choose_encoder("auto"));
//   log().info("video by {}: {}", choice.name, choice.reason);

#include <string>
#include <string_view>

#include "base/result.h"

namespace ndcast::stream {

struct EncoderChoice {
  std::string name;    ///< for make_encoder()
  std::string reason;  ///< a phrase for the log: what was tried and what came of it
};

/// `wanted` is the name of an encoder, or "auto": the first H.264 encoder of encoder_kinds() that makes a keyframe of a
/// 1280 × 720 picture; JPEG when none does. Takes some 20 ms. Errors: those of make_encoder() and Encoder::encode() for
/// an encoder that was asked for by name.
Result<EncoderChoice> choose_encoder(std::string_view wanted);

/// Whether viewers need a video decoder for what it makes.
bool makes_video(std::string_view name);

}  // namespace ndcast::stream
