#include "stream/pixel_frame.h"

#include <gtest/gtest.h>

namespace ndcast::stream {
namespace {

std::string hex(std::span<const std::byte> bytes) {
  std::string out;
  for (const std::byte b : bytes) out += fmt::format("{:02x}", std::to_integer<unsigned>(b));
  return out;
}

FrameState some_state() {
  FrameState state{.server_seq = 0x0102030405060708,
                   .camera_seq = 9,
                   .view_epoch = 0x0A0B0C0D,
                   .level_shown = -1,
                   .complete = true,
                   .ndisplay = 3,
                   .binding = 5,
                   .pose = {1, 2, 3, 4, 5, 6, 7, -0.5},
                   .times = {1, 2, 3, 4, 5, 15}};
  return state;
}

TEST(PixelFrame, OriginalHeaderByteForByte) {
  const std::vector<std::byte> payload = {std::byte{0xAA}, std::byte{0xBB}};
  const PixelHeader header{.seq = 0x01020304, .timestamp = 1.5, .width = 1280, .height = 720, .keyframe = true};
  const auto message = pack_pixel_frame(header, nullptr, payload);
  EXPECT_EQ(hex(message),
            "01020304"
            "3ff8000000000000"
            "00000500"
            "000002d0"
            "01"
            "01"
            "0000"
            "aabb");
}

TEST(PixelFrame, WP19_ExtensionByteForByte) {
  const FrameState state = some_state();
  const auto message = pack_pixel_frame({.codec = PixelCodec::Webp, .still = true}, &state, {});
  ASSERT_EQ(message.size(), kPixelHeaderBytes + kPixelExtensionBytes);
  EXPECT_EQ(hex(std::span(message).subspan(20, 4)),
            "12"
            "02"
            "0078");
  EXPECT_EQ(hex(std::span(message).subspan(24, 24)),
            "0102030405060708"
            "0000000000000009"
            "0a0b0c0d"
            "ff"
            "01"
            "03"
            "05");
  EXPECT_EQ(hex(std::span(message).subspan(48, 8)), "3ff0000000000000");
  EXPECT_EQ(hex(std::span(message).subspan(104, 8)), "bfe0000000000000");
  EXPECT_EQ(hex(std::span(message).subspan(112, 4)), "3f800000");
  EXPECT_EQ(hex(std::span(message).subspan(132, 4)), "41700000");
}

TEST(PixelFrame, WP19_APictureThatIsNotCompleteSaysSo) {
  FrameState state = some_state();
  state.complete = false;
  const auto frame = parse_pixel_frame(pack_pixel_frame({.codec = PixelCodec::H264}, &state, {}));
  ASSERT_TRUE(frame.has_value());
  EXPECT_FALSE(frame->state->complete);
}

TEST(PixelFrame, RoundTrips) {
  const FrameState state = some_state();
  const std::vector<std::byte> payload(77, std::byte{7});
  const auto message = pack_pixel_frame(
      {.seq = 0xFFFFFFFF, .timestamp = 1e9, .width = 2, .height = 4, .keyframe = true}, &state, payload);
  const auto frame = parse_pixel_frame(message);
  ASSERT_TRUE(frame.has_value());
  EXPECT_EQ(frame->header.seq, 0xFFFFFFFFu);
  EXPECT_EQ(frame->header.timestamp, 1e9);
  EXPECT_EQ(frame->header.height, 4u);
  EXPECT_TRUE(frame->header.keyframe);
  EXPECT_FALSE(frame->header.still);
  ASSERT_TRUE(frame->state.has_value());
  EXPECT_EQ(frame->state->server_seq, state.server_seq);
  EXPECT_EQ(frame->state->camera_seq, state.camera_seq);
  EXPECT_EQ(frame->state->view_epoch, state.view_epoch);
  EXPECT_EQ(frame->state->binding, state.binding);
  EXPECT_EQ(frame->state->level_shown, -1);
  EXPECT_TRUE(frame->state->complete);
  EXPECT_EQ(frame->state->pose, state.pose);
  EXPECT_EQ(frame->state->times.total_ms, 15);
  EXPECT_EQ(frame->payload.size(), 77u);
}

TEST(PixelFrame, WP38_SaysWhichPictureAndWhichRows) {
  FrameState state = some_state();
  state.picture = 0x01020304;
  state.strip_top = 64;
  auto message = pack_pixel_frame({.codec = PixelCodec::Webp, .still = true}, &state, {});
  EXPECT_EQ(hex(std::span(message).subspan(136, 8)), "0102030400000040");
  auto frame = parse_pixel_frame(message);
  ASSERT_TRUE(frame.has_value());
  EXPECT_TRUE(frame->header.still);
  EXPECT_EQ(frame->state->picture, 0x01020304u);
  EXPECT_EQ(frame->state->strip_top, 64u);
  // From a server that counts no pictures.
  message[23] = std::byte{112};
  message.resize(136);
  frame = parse_pixel_frame(message);
  ASSERT_TRUE(frame.has_value());
  EXPECT_EQ(frame->state->server_seq, state.server_seq);
  EXPECT_EQ(frame->state->picture, 0u);
}

TEST(PixelFrame, RefusesEveryCutAndUnknownCodecs) {
  const FrameState state = some_state();
  auto message = pack_pixel_frame({}, &state, {});
  for (std::size_t size = 0; size < message.size(); ++size) {
    EXPECT_FALSE(parse_pixel_frame(std::span(message).first(size)).has_value()) << size;
  }
  message[20] = std::byte{9};
  EXPECT_EQ(parse_pixel_frame(message).error().message, "unknown codec 9 in a pixel frame");
}

TEST(PixelCodec, NamesRoundTrip) {
  for (const char* name : {"h264", "hevc", "av1", "jpeg", "png", "webp"}) {
    const auto codec = parse_pixel_codec(name);
    ASSERT_TRUE(codec.has_value());
    EXPECT_EQ(to_string(*codec), name);
  }
  EXPECT_EQ(parse_pixel_codec("H264"), std::nullopt);
  EXPECT_TRUE(is_image_codec(PixelCodec::Jpeg));
  EXPECT_FALSE(is_image_codec(PixelCodec::Av1));
}

}  // namespace
}  // namespace ndcast::stream
