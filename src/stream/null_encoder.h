#pragma once
// An encoder that encodes nothing, for tests and simulations: a payload is well-formed AVCC with one NAL unit of the
// right type (IDR after SPS and PPS, or slice) that holds the picture's first pixel.

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "base/result.h"
#include "stream/encoder.h"

namespace ndcast::stream {

Result<std::unique_ptr<Encoder>> make_null_encoder(const EncoderSettings& settings);

/// The R, G, B, A bytes that went in. Errors: Invalid for a payload of another encoder.
Result<std::array<std::uint8_t, 4>> first_pixel_of_null_payload(std::span<const std::byte> payload);

}  // namespace ndcast::stream
