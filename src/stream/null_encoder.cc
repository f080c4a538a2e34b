#include "stream/null_encoder.h"

#include <algorithm>

#include "stream/bitstream.h"

namespace ndcast::stream {
namespace {

constexpr std::array kSps = {std::byte{0x67}, std::byte{0x42}, std::byte{0xC0}, std::byte{0x1F}};
constexpr std::array kPps = {std::byte{0x68}, std::byte{0xCE}};
constexpr std::byte kIdrHeader{0x65};
constexpr std::byte kSliceHeader{0x41};

class NullEncoder final : public Encoder {
 public:
  explicit NullEncoder(StreamConfig config) : config_(std::move(config)) {}

  std::string_view name() const override { return "null"; }
  const StreamConfig& config() const override { return config_; }
  Result<EncodedFrame> encode(const RgbaView& picture, FrameKind kind) override {
    const bool key = kind == FrameKind::Key || !std::exchange(started_, true);
    std::array<std::byte, 5> slice = {key ? kIdrHeader : kSliceHeader};
    std::transform(picture.data, picture.data + 4, slice.begin() + 1, [](std::uint8_t b) { return std::byte{b}; });
    EncodedFrame frame{.keyframe = key};
    frame.payload = key ? h264::nals_to_avcc(std::array{Nal(kSps), Nal(kPps), Nal(slice)})
                        : h264::nals_to_avcc(std::array{Nal(slice)});
    return frame;
  }
  Result<void> reconfigure(std::int64_t, double) override { return {}; }

 private:
  const StreamConfig config_;
  bool started_ = false;
};

}  // namespace

Result<std::unique_ptr<Encoder>> make_null_encoder(const EncoderSettings& settings) {
  StreamConfig config{.codec = PixelCodec::H264, .width = settings.width, .height = settings.height};
  ND_ASSIGN(config.codec_string, h264::codec_string_of_sps(kSps));
  ND_ASSIGN(config.description, h264::make_avcc_record(std::array{Nal(kSps), Nal(kPps)}));
  return std::make_unique<NullEncoder>(std::move(config));
}

Result<std::array<std::uint8_t, 4>> first_pixel_of_null_payload(std::span<const std::byte> payload) {
  ND_ASSIGN(const auto nals, h264::split_avcc(payload));
  if (nals.empty() || nals.back().size() != 5) {
    return fail(ErrorCode::Invalid, "this payload of {} bytes is not the null encoder's", payload.size());
  }
  std::array<std::uint8_t, 4> pixel{};
  std::ranges::transform(nals.back().subspan(1), pixel.begin(),
                         [](std::byte b) { return std::to_integer<std::uint8_t>(b); });
  return pixel;
}

}  // namespace ndcast::stream
