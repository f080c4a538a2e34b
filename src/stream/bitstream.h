#pragma once
// H.264 byte streams: between what encoders write (Annex B, start codes) and what decoders are given (AVCC, lengths).
//
//   const auto nals = split_annex_b(encoded);
//   const auto payload = nals_to_avcc(nals);           // 4-byte big-endian length before each NAL unit
//   ND_ASSIGN(const auto record, make_avcc_record(nals)); // from the SPS and PPS among them

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace ndcast::stream {

/// A NAL unit without start code or length; a view into somebody's bytes.
using Nal = std::span<const std::byte>;

namespace h264 {

/// ITU-T H.264 table 7-1.
enum class NalType : std::uint8_t { Slice = 1, Idr = 5, Sei = 6, Sps = 7, Pps = 8, Delimiter = 9, Filler = 12 };

/// nal_unit_type; only for H.264 (the same byte means something else in HEVC). `nal` is not empty.
NalType nal_type(Nal nal);
bool has_idr(std::span<const Nal> nals);

/// NAL units between 3- and 4-byte start codes (annex B.1); trailing zero bytes belong to none. No start code, no
/// units.
std::vector<Nal> split_annex_b(std::span<const std::byte> stream);

/// Each unit after its length, 4 bytes big-endian (ISO 14496-15 §5.3.4.2.1).
std::vector<std::byte> nals_to_avcc(std::span<const Nal> nals);

/// The units of an AVCC payload. Errors: Invalid for a length of 0 or beyond the end.
Result<std::vector<Nal>> split_avcc(std::span<const std::byte> payload);

/// AVCDecoderConfigurationRecord (ISO 14496-15 §5.3.3.1) of the first SPS and PPS among `nals`:
/// 1, profile, constraints, level, FF, E1, SPS length u16, SPS, 1, PPS length u16, PPS. The High profile's optional
/// tail is left out, as decoders accept and the original client expects. Errors: Invalid without both.
Result<std::vector<std::byte>> make_avcc_record(std::span<const Nal> nals);

/// RFC 6381 codec string: "avc1.640028", from the three bytes after the NAL header. Errors: Invalid for what is no SPS.
Result<std::string> codec_string_of_sps(Nal sps);

}  // namespace h264
}  // namespace ndcast::stream
