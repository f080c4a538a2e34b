#pragma once
// Pictures as JPEG files, each alone: for viewers that decode no video (a page of an insecure address has no
// WebCodecs). Through libjpeg, 4:2:0, with the quality that the bit rate allows. Reached through make_encoder("jpeg",
// …).
//
// A picture smaller than the coded size is encoded as it is: who shows it scales it to the size in the frame's header.

#include <memory>

#include "base/result.h"
#include "stream/encoder.h"

namespace ndcast::stream {

Result<std::unique_ptr<Encoder>> make_jpeg_encoder(const EncoderSettings& settings);

}  // namespace ndcast::stream
