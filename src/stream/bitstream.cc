#include "stream/bitstream.h"

#include <algorithm>

#include <fmt/format.h>

namespace ndcast::stream::h264 {
namespace {

constexpr std::size_t kLengthBytes = 4;
/// nal_unit_header, profile_idc, constraint flags, level_idc.
constexpr std::size_t kSpsHeadBytes = 4;

/// Index of the first byte of "00 00 01" at or after `from`, or the end.
std::size_t find_start_code(std::span<const std::byte> stream, std::size_t from) {
  for (std::size_t i = from; i + 3 <= stream.size(); ++i) {
    if (stream[i] == std::byte{0} && stream[i + 1] == std::byte{0} && stream[i + 2] == std::byte{1}) return i;
  }
  return stream.size();
}

void append_u16(std::vector<std::byte>& out, std::size_t value) {
  out.push_back(static_cast<std::byte>(value >> 8));
  out.push_back(static_cast<std::byte>(value));
}

const Nal* find_type(std::span<const Nal> nals, NalType type) {
  const auto found = std::ranges::find_if(nals, [&](Nal nal) { return !nal.empty() && nal_type(nal) == type; });
  return found == nals.end() ? nullptr : &*found;
}

}  // namespace

NalType nal_type(Nal nal) { return static_cast<NalType>(std::to_integer<unsigned>(nal.front()) & 0x1F); }

bool has_idr(std::span<const Nal> nals) { return find_type(nals, NalType::Idr) != nullptr; }

std::vector<Nal> split_annex_b(std::span<const std::byte> stream) {
  std::vector<Nal> nals;
  for (std::size_t code = find_start_code(stream, 0); code < stream.size();) {
    const std::size_t start = code + 3;
    code = find_start_code(stream, start);
    std::size_t end = code;
    // The zeros belong to a 4-byte start code or to trailing_zero_8bits; a NAL unit never ends in zero (§7.4.1).
    while (end > start && stream[end - 1] == std::byte{0}) --end;
    if (end > start) nals.push_back(stream.subspan(start, end - start));
  }
  return nals;
}

std::vector<std::byte> nals_to_avcc(std::span<const Nal> nals) {
  std::size_t size = 0;
  for (const Nal nal : nals) size += kLengthBytes + nal.size();
  std::vector<std::byte> out;
  out.reserve(size);
  for (const Nal nal : nals) {
    append_u16(out, nal.size() >> 16);
    append_u16(out, nal.size() & 0xFFFF);
    out.insert(out.end(), nal.begin(), nal.end());
  }
  return out;
}

Result<std::vector<Nal>> split_avcc(std::span<const std::byte> payload) {
  std::vector<Nal> nals;
  while (!payload.empty()) {
    if (payload.size() < kLengthBytes) {
      return fail(ErrorCode::Invalid, "{} bytes are left where a NAL unit's 4-byte length was expected",
                  payload.size());
    }
    std::size_t size = 0;
    for (std::size_t i = 0; i < kLengthBytes; ++i) size = size << 8 | std::to_integer<std::size_t>(payload[i]);
    payload = payload.subspan(kLengthBytes);
    if (size == 0 || size > payload.size()) {
      return fail(ErrorCode::Invalid, "a NAL unit says that it has {} bytes; {} follow", size, payload.size());
    }
    nals.push_back(payload.first(size));
    payload = payload.subspan(size);
  }
  return nals;
}

Result<std::vector<std::byte>> make_avcc_record(std::span<const Nal> nals) {
  const Nal* sps = find_type(nals, NalType::Sps);
  const Nal* pps = find_type(nals, NalType::Pps);
  if (!sps || !pps || sps->size() < kSpsHeadBytes || sps->size() > 0xFFFF || pps->size() > 0xFFFF) {
    return fail(ErrorCode::Invalid, "no usable SPS and PPS among {} NAL units", nals.size());
  }
  std::vector<std::byte> out = {std::byte{1}, (*sps)[1], (*sps)[2], (*sps)[3], std::byte{0xFF}, std::byte{0xE1}};
  append_u16(out, sps->size());
  out.insert(out.end(), sps->begin(), sps->end());
  out.push_back(std::byte{1});
  append_u16(out, pps->size());
  out.insert(out.end(), pps->begin(), pps->end());
  return out;
}

Result<std::string> codec_string_of_sps(Nal sps) {
  if (sps.size() < kSpsHeadBytes || nal_type(sps) != NalType::Sps) {
    return fail(ErrorCode::Invalid, "these {} bytes are not an H.264 SPS", sps.size());
  }
  return fmt::format("avc1.{:02x}{:02x}{:02x}", std::to_integer<unsigned>(sps[1]), std::to_integer<unsigned>(sps[2]),
                     std::to_integer<unsigned>(sps[3]));
}

}  // namespace ndcast::stream::h264
