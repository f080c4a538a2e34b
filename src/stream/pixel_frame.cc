#include "stream/pixel_frame.h"

#include <array>
#include <bit>
#include <cstring>

#include "base/check.h"

namespace ndcast::stream {
namespace {

struct CodecName {
  PixelCodec codec;
  std::string_view name;
};
constexpr std::array<CodecName, 6> kCodecs = {{{PixelCodec::H264, "h264"},
                                               {PixelCodec::Hevc, "hevc"},
                                               {PixelCodec::Av1, "av1"},
                                               {PixelCodec::Jpeg, "jpeg"},
                                               {PixelCodec::Png, "png"},
                                               {PixelCodec::Webp, "webp"}}};

constexpr std::uint8_t kKeyframeFlag = 1;
constexpr std::uint8_t kStillFlag = 2;

class Writer {
 public:
  explicit Writer(std::byte* at) : at_(at) {}
  template <std::unsigned_integral T>
  void put(T value) {
    for (int shift = static_cast<int>(sizeof(T)) * 8 - 8; shift >= 0; shift -= 8) {
      *at_++ = static_cast<std::byte>(value >> shift);
    }
  }
  void put(double value) { put(std::bit_cast<std::uint64_t>(value)); }
  void put(float value) { put(std::bit_cast<std::uint32_t>(value)); }
  void put(bool value) { put(static_cast<std::uint8_t>(value)); }

 private:
  std::byte* at_;
};

class Reader {
 public:
  explicit Reader(const std::byte* at) : at_(at) {}
  template <std::unsigned_integral T>
  T get() {
    T value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      value = static_cast<T>(static_cast<std::uint64_t>(value) << 8 | std::to_integer<std::uint64_t>(*at_++));
    }
    return value;
  }
  double get_f64() { return std::bit_cast<double>(get<std::uint64_t>()); }
  float get_f32() { return std::bit_cast<float>(get<std::uint32_t>()); }

 private:
  const std::byte* at_;
};

void put_state(Writer& out, const FrameState& state) {
  out.put(state.server_seq);
  out.put(state.camera_seq);
  out.put(state.view_epoch);
  out.put(static_cast<std::uint8_t>(state.level_shown));
  out.put(state.complete);
  out.put(state.ndisplay);
  out.put(state.binding);
  for (const double value : state.pose) out.put(value);
  const StageTimes& times = state.times;
  for (const float ms : {times.intent_to_render_ms, times.render_ms, times.convert_ms, times.encode_ms, times.queue_ms,
                         times.total_ms}) {
    out.put(ms);
  }
  out.put(state.picture);
  out.put(state.strip_top);
}

FrameState get_state(Reader& in, std::size_t bytes) {
  FrameState state;
  state.server_seq = in.get<std::uint64_t>();
  state.camera_seq = in.get<std::uint64_t>();
  state.view_epoch = in.get<std::uint32_t>();
  state.level_shown = static_cast<std::int8_t>(in.get<std::uint8_t>());
  state.complete = in.get<std::uint8_t>() != 0;
  state.ndisplay = in.get<std::uint8_t>();
  state.binding = in.get<std::uint8_t>();
  for (double& value : state.pose) value = in.get_f64();
  StageTimes& times = state.times;
  for (float* ms : {&times.intent_to_render_ms, &times.render_ms, &times.convert_ms, &times.encode_ms, &times.queue_ms,
                    &times.total_ms}) {
    *ms = in.get_f32();
  }
  if (bytes < kPixelExtensionBytes) return state;
  state.picture = in.get<std::uint32_t>();
  state.strip_top = in.get<std::uint32_t>();
  return state;
}

std::optional<PixelCodec> known_codec(std::uint8_t number) {
  for (const CodecName& entry : kCodecs) {
    if (static_cast<std::uint8_t>(entry.codec) == number) return entry.codec;
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(PixelCodec codec) {
  for (const CodecName& entry : kCodecs) {
    if (entry.codec == codec) return entry.name;
  }
  ND_CHECK(false, "a codec without a name");
}

std::optional<PixelCodec> parse_pixel_codec(std::string_view name) {
  for (const CodecName& entry : kCodecs) {
    if (entry.name == name) return entry.codec;
  }
  return std::nullopt;
}

std::vector<std::byte> pack_pixel_frame(const PixelHeader& header, const FrameState* state,
                                        std::span<const std::byte> payload) {
  const std::size_t extension = state ? kPixelExtensionBytes : 0;
  std::vector<std::byte> message(kPixelHeaderBytes + extension + payload.size());
  Writer out(message.data());
  out.put(header.seq);
  out.put(header.timestamp);
  out.put(header.width);
  out.put(header.height);
  out.put(static_cast<std::uint8_t>(header.codec));
  out.put(static_cast<std::uint8_t>((header.keyframe ? kKeyframeFlag : 0) | (header.still ? kStillFlag : 0)));
  out.put(static_cast<std::uint16_t>(extension));
  if (state) put_state(out, *state);
  if (!payload.empty()) std::memcpy(message.data() + kPixelHeaderBytes + extension, payload.data(), payload.size());
  return message;
}

Result<ParsedPixelFrame> parse_pixel_frame(std::span<const std::byte> message) {
  if (message.size() < kPixelHeaderBytes) {
    return fail(ErrorCode::Invalid, "a pixel frame of {} bytes is shorter than its header of {}", message.size(),
                kPixelHeaderBytes);
  }
  Reader in(message.data());
  ParsedPixelFrame frame;
  frame.header.seq = in.get<std::uint32_t>();
  frame.header.timestamp = in.get_f64();
  frame.header.width = in.get<std::uint32_t>();
  frame.header.height = in.get<std::uint32_t>();
  const auto number = in.get<std::uint8_t>();
  const auto codec = known_codec(number);
  if (!codec) return fail(ErrorCode::Invalid, "unknown codec {} in a pixel frame", number);
  frame.header.codec = *codec;
  const auto flags = in.get<std::uint8_t>();
  frame.header.keyframe = (flags & kKeyframeFlag) != 0;
  frame.header.still = (flags & kStillFlag) != 0;
  const std::size_t extension = in.get<std::uint16_t>();
  if (message.size() < kPixelHeaderBytes + extension || (extension != 0 && extension < kLeastPixelExtensionBytes)) {
    return fail(ErrorCode::Invalid,
                "a pixel frame of {} bytes says that its extension has {} (0 or at least {} expected)", message.size(),
                extension, kLeastPixelExtensionBytes);
  }
  if (extension != 0) frame.state = get_state(in, extension);
  frame.payload = message.subspan(kPixelHeaderBytes + extension);
  return frame;
}

}  // namespace ndcast::stream
