// One battery over every encoder of the registry, then what is particular to H.264 from x264.

#include "stream/encoder.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <jpeglib.h>
#include <sys/wait.h>

#include "base/ids.h"
#include "stream/bitstream.h"
#include "stream/colour_convert.h"
#include "stream/null_encoder.h"
#include "stream/picture_test_util.h"
#include "stream/rendition.h"

namespace ndcast::stream {
namespace {

using testing::HasSubstr;

/// {width, height}, and R, G, B of every pixel.
std::pair<int, int> decode_jpeg(std::span<const std::byte> file, std::vector<std::uint8_t>& rgb) {
  jpeg_decompress_struct info;
  jpeg_error_mgr errors;
  info.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, reinterpret_cast<const unsigned char*>(file.data()), file.size());
  jpeg_read_header(&info, TRUE);
  jpeg_start_decompress(&info);
  const std::size_t row = std::size_t{info.output_width} * 3;
  rgb.resize(row * info.output_height);
  while (info.output_scanline < info.output_height) {
    JSAMPROW to = &rgb[info.output_scanline * row];
    jpeg_read_scanlines(&info, &to, 1);
  }
  const std::pair size(static_cast<int>(info.output_width), static_cast<int>(info.output_height));
  jpeg_finish_decompress(&info);
  jpeg_destroy_decompress(&info);
  return size;
}

std::unique_ptr<Encoder> made(std::string_view name, const EncoderSettings& settings) {
  auto encoder = make_encoder(name, settings);
  EXPECT_TRUE(encoder.has_value()) << (encoder ? "" : encoder.error().message);
  return encoder ? std::move(*encoder) : nullptr;
}

class EncoderContract : public testing::TestWithParam<EncoderKind> {};

TEST_P(EncoderContract, KeyframesComeFirstAndWhenAskedAndOnlyThen) {
  const auto encoder = made(GetParam().name, {.width = 320, .height = 240});
  ASSERT_NE(encoder, nullptr);
  EXPECT_EQ(encoder->name(), GetParam().name);
  std::string kinds;
  for (int i = 0; i < 60; ++i) {
    const RgbaPicture picture = test_picture(320, 240, i == 40 ? 77 : i);
    const auto frame = encoder->encode(picture.view(), i == 10 || i == 11 ? FrameKind::Key : FrameKind::Delta);
    ASSERT_TRUE(frame.has_value()) << frame.error().message;
    ASSERT_FALSE(frame->payload.empty());
    kinds += frame->keyframe ? 'K' : '.';
  }
  const std::string expected =
      is_image_codec(GetParam().codec) ? std::string(60, 'K') : "K.........KK" + std::string(48, '.');
  EXPECT_EQ(kinds, expected) << "a scene change makes none either";
}

TEST_P(EncoderContract, ConfigurationMatchesTheParameterSetsOfEveryKeyframe) {
  const auto encoder = made(GetParam().name, {.width = 128, .height = 64});
  ASSERT_NE(encoder, nullptr);
  const StreamConfig config = encoder->config();
  EXPECT_EQ(config.codec, GetParam().codec);
  EXPECT_EQ(config.width, 128);
  EXPECT_EQ(config.height, 64);
  if (is_image_codec(config.codec)) {
    EXPECT_TRUE(config.description.empty());
    return;
  }
  ASSERT_EQ(config.codec, PixelCodec::H264);
  for (int i = 0; i < 3; ++i) {
    const auto frame = encoder->encode(test_picture(128, 64, i).view(), FrameKind::Key);
    ASSERT_TRUE(frame.has_value());
    const auto nals = h264::split_avcc(frame->payload);
    ASSERT_TRUE(nals.has_value());
    EXPECT_EQ(h264::make_avcc_record(*nals), config.description);
    EXPECT_EQ(h264::codec_string_of_sps(nals->front()), config.codec_string);
    EXPECT_EQ(h264::nal_type(nals->back()), h264::NalType::Idr);
  }
  EXPECT_EQ(encoder->config(), config);
}

TEST_P(EncoderContract, TakesPicturesOfOtherSizesAndStrides) {
  const auto encoder = made(GetParam().name, {.width = 64, .height = 48});
  ASSERT_NE(encoder, nullptr);
  const RgbaPicture picture = test_picture(100, 31, 0);
  EXPECT_TRUE(encoder->encode({picture.rgba.data(), 33, 25, 400}, FrameKind::Key).has_value());
  EXPECT_TRUE(encoder->encode(picture.view(), FrameKind::Delta).has_value());
  EXPECT_EQ(encoder->config().width, 64);
}

TEST_P(EncoderContract, RateChangesWithoutAKeyframe) {
  const bool is_image = is_image_codec(GetParam().codec);
  const auto encoder =
      made(GetParam().name, {.width = 320, .height = 240, .bitrate_bps = is_image ? 40'000'000 : 4'000'000});
  ASSERT_NE(encoder, nullptr);
  std::size_t before = 0;
  std::size_t after = 0;
  for (int i = 0; i < 30; ++i) {
    if (i == 10) {
      ASSERT_TRUE(encoder->reconfigure(400'000, 30).has_value());
    }
    const auto frame = encoder->encode(test_picture(320, 240, i, 60).view(), FrameKind::Delta);
    ASSERT_TRUE(frame.has_value());
    EXPECT_EQ(frame->keyframe, i == 0 || is_image);
    if (i >= 5 && i < 10) before += frame->payload.size();
    if (i >= 25) after += frame->payload.size();
  }
  // Nothing that stands alone becomes a tenth of itself and is still a picture.
  if (GetParam().name != "null") {
    EXPECT_LT(after * (is_image ? 1.5 : 4), before);
  }
}

INSTANTIATE_TEST_SUITE_P(Encoders, EncoderContract, testing::ValuesIn(encoder_kinds().begin(), encoder_kinds().end()),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST(Encoder, RefusalsSayWhatWasExpected) {
  EXPECT_THAT(make_encoder("mpeg1", {.width = 64, .height = 64}).error().message,
              HasSubstr("no encoder 'mpeg1' in this build"));
  for (const auto& [width, height] : {std::pair(63, 64), {64, 63}, {0, 0}, {-2, 64}, {8, 64}, {4098, 64}, {64, 2306}}) {
    EXPECT_EQ(make_encoder("null", {.width = width, .height = height}).error().code, ErrorCode::Invalid);
  }
  EXPECT_FALSE(make_encoder("null", {.width = 64, .height = 64, .fps = 0}).has_value());
  EXPECT_FALSE(make_encoder("null", {.width = 64, .height = 64, .bitrate_bps = 0}).has_value());
}

TEST(NullEncoder, TellsWhichPictureItWasGiven) {
  const auto encoder = made("null", {.width = 16, .height = 16});
  const auto frame = encoder->encode(plain_picture(16, 16, 1, 2, 3).view(), FrameKind::Delta);
  EXPECT_EQ(first_pixel_of_null_payload(frame->payload), (std::array<std::uint8_t, 4>{1, 2, 3, 255}));
  EXPECT_FALSE(first_pixel_of_null_payload({}).has_value());
}

TEST(JpegEncoder, APictureIsAFileThatDecodesAsLargeAsItWas) {
  const auto encoder = made("jpeg", {.width = 128, .height = 96, .bitrate_bps = 50'000'000});
  ASSERT_NE(encoder, nullptr);
  for (const auto& [width, height] : {std::pair(128, 96), {64, 48}}) {
    const RgbaPicture picture = test_picture(width, height, 3);
    const auto frame = encoder->encode(picture.view(), FrameKind::Delta);
    ASSERT_TRUE(frame.has_value());
    EXPECT_TRUE(frame->keyframe);
    std::vector<std::uint8_t> rgb;
    ASSERT_EQ(decode_jpeg(frame->payload, rgb), std::pair(width, height));
    double sum = 0;
    for (std::size_t i = 0; i < rgb.size(); ++i) sum += std::pow(rgb[i] - picture.rgba[i / 3 * 4 + i % 3], 2);
    EXPECT_GT(10 * std::log10(255.0 * 255.0 * static_cast<double>(rgb.size()) / sum), 28);
  }
}

/// A temporary folder and the programs of ffmpeg on what is in it.
class H264 : public testing::TestWithParam<std::string> {
 protected:
  H264() : folder_(std::filesystem::temp_directory_path() / ("ndcast-h264-" + random_hex(8))) {
    std::filesystem::create_directory(folder_);
  }
  ~H264() override { std::filesystem::remove_all(folder_); }

  void SetUp() override {
    if (std::ranges::find(encoder_kinds(), GetParam(), &EncoderKind::name) == encoder_kinds().end()) {
      GTEST_SKIP() << "built without " << GetParam();
    }
    if (std::system("ffmpeg -version >/dev/null 2>&1") != 0) GTEST_SKIP() << "ffmpeg is not installed";
  }

  /// Encodes `frames` pictures, asking for keyframes at each multiple of `key_every`, into recording.h264.
  void record(const EncoderSettings& settings, int frames, int key_every, int noise = 4) {
    const auto encoder = made(GetParam(), settings);
    std::ofstream file(folder_ / "recording.h264", std::ios::binary);
    for (int i = 0; i < frames; ++i) {
      const RgbaPicture picture = test_picture(settings.width, settings.height, i, noise);
      const auto frame = encoder->encode(picture.view(), i % key_every == 0 ? FrameKind::Key : FrameKind::Delta);
      ASSERT_TRUE(frame.has_value());
      largest_ = std::max(largest_, frame->payload.size());
      const auto nals = h264::split_avcc(frame->payload);
      for (const Nal nal : *nals) {
        EXPECT_NE(h264::nal_type(nal), h264::NalType::Sei) << "user data is of no use to a viewer";
        file.write("\0\0\0\1", 4);
        file.write(reinterpret_cast<const char*>(nal.data()), static_cast<std::streamsize>(nal.size()));
      }
    }
  }

  /// Standard output and error together.
  std::string run(const std::string& command) {
    const std::string whole = "cd '" + folder_.string() + "' && { " + command + "; } 2>&1 </dev/null";
    FILE* pipe = popen(whole.c_str(), "r");
    std::string out;
    char chunk[4096];
    while (const std::size_t got = fread(chunk, 1, sizeof(chunk), pipe)) out.append(chunk, got);
    EXPECT_EQ(pclose(pipe), 0) << out;
    return out;
  }

  /// PSNR of the luma of decoded frame `index` against the picture that was encoded, decibels.
  double luma_psnr(const EncoderSettings& settings, int index, int noise = 4) {
    I420Picture source;
    rgba_to_i420_bt709(test_picture(settings.width, settings.height, index, noise).view(), source);
    std::ifstream file(folder_ / "decoded.yuv", std::ios::binary);
    const std::size_t frame_bytes = source.y.size() + source.u.size() + source.v.size();
    file.seekg(static_cast<std::streamoff>(frame_bytes * static_cast<std::size_t>(index)));
    std::vector<std::uint8_t> decoded(source.y.size());
    file.read(reinterpret_cast<char*>(decoded.data()), static_cast<std::streamsize>(decoded.size()));
    EXPECT_TRUE(file.good());
    double sum = 0;
    for (std::size_t i = 0; i < decoded.size(); ++i) sum += std::pow(decoded[i] - source.y[i], 2);
    return 10 * std::log10(255.0 * 255.0 * static_cast<double>(decoded.size()) / sum);
  }

  std::filesystem::path folder_;
  std::size_t largest_ = 0;
};

/// What only x264 keeps to.
class X264 : public H264 {};

TEST_P(H264, WP20_DecodesWithoutAWarningAndSaysItsColours) {
  const EncoderSettings settings{.width = 640, .height = 360};
  record(settings, 40, 15);
  EXPECT_EQ(run("ffmpeg -v warning -i recording.h264 -pix_fmt yuv420p -f rawvideo decoded.yuv"), "");
  for (const int index : {0, 7, 39}) EXPECT_GT(luma_psnr(settings, index), 36) << index;

  const std::string stream = run("ffprobe -v warning -show_streams recording.h264");
  EXPECT_THAT(stream, HasSubstr("color_range=tv"));
  EXPECT_THAT(stream, HasSubstr("color_space=bt709"));
  EXPECT_THAT(stream, HasSubstr("color_transfer=bt709"));
  EXPECT_THAT(stream, HasSubstr("color_primaries=bt709"));
  EXPECT_THAT(stream, HasSubstr(GetParam() == "x264" ? "profile=High" : "profile=Constrained Baseline"));
  EXPECT_THAT(stream, HasSubstr("has_b_frames=0"));
  EXPECT_THAT(stream, HasSubstr("width=640"));
  const std::string types =
      run("ffprobe -v warning -show_entries frame=pict_type -of csv=p=0 recording.h264 | tr -d ',\\n'");
  EXPECT_EQ(types, "IPPPPPPPPPPPPPPIPPPPPPPPPPPPPPIPPPPPPPPP");
  const std::string sps =
      run("ffmpeg -v trace -i recording.h264 -c copy -bsf:v trace_headers -f null - 2>&1 | grep -m1 "
          "max_num_reorder_frames");
  EXPECT_THAT(sps, testing::EndsWith("= 0\n"));
}

TEST_P(X264, NoFrameTakesMoreThanItsShareOfTheBitRate) {
  const EncoderSettings settings{.width = 640, .height = 360, .fps = 30, .bitrate_bps = 2'000'000};
  record(settings, 30, 10, 60);
  EXPECT_LT(largest_, 2'000'000.0 / 30 / 8 * 1.3) << "keyframes of hard content included";
  EXPECT_EQ(run("ffmpeg -v warning -i recording.h264 -f null -"), "");
}

TEST_P(H264, SizesThatAreNoMultipleOfSixteenAreCropped) {
  const EncoderSettings settings{.width = 642, .height = 358};
  record(settings, 3, 3);
  EXPECT_EQ(run("ffmpeg -v warning -i recording.h264 -pix_fmt yuv420p -f rawvideo decoded.yuv"), "");
  EXPECT_GT(luma_psnr(settings, 2), 36);
}

TEST_P(X264, WhatRestsIsRefinedAndWhatMovesAgainIsNot) {
  const auto encoder = made("x264", {.width = 640, .height = 360});
  const RgbaPicture picture = test_picture(640, 360, 0, 20);
  const auto encode = [&](const RgbaPicture& of, FrameKind kind) {
    const auto frame = encoder->encode(of.view(), kind);
    EXPECT_TRUE(frame.has_value());
    return frame ? frame->quantiser : -1;
  };
  const double moving = encode(picture, FrameKind::Key);
  double at_rest = moving;
  for (int i = 0; i < 6; ++i) at_rest = encode(picture, FrameKind::Refine);
  EXPECT_LT(at_rest, moving - 4);
  EXPECT_LE(at_rest, RenditionOptions{}.fine_quantiser) << "so refining ends";
  double again = 0;
  for (int i = 1; i < 6; ++i) again = encode(test_picture(640, 360, i, 20), FrameKind::Delta);
  EXPECT_GT(again, at_rest + 4);
}

TEST_P(X264, SlowerFramesGetAsMuchLargerShares) {
  const auto encoder = made("x264", {.width = 640, .height = 360, .fps = 30, .bitrate_bps = 1'000'000});
  std::size_t bytes = 0;
  ASSERT_TRUE(encoder->reconfigure(1'000'000, 10).has_value());
  for (int i = 0; i < 30; ++i) {
    const auto frame = encoder->encode(test_picture(640, 360, i, 60).view(), FrameKind::Delta);
    ASSERT_TRUE(frame.has_value());
    if (i >= 10) bytes += frame->payload.size();
  }
  const double second = static_cast<double>(bytes) / 2;
  EXPECT_GT(second, 0.8 * 1'000'000 / 8);
  EXPECT_LT(second, 1.2 * 1'000'000 / 8);
}

INSTANTIATE_TEST_SUITE_P(Encoders, H264, testing::Values("x264", "openh264"),
                         [](const auto& tested) { return tested.param; });
INSTANTIATE_TEST_SUITE_P(Encoders, X264, testing::Values("x264"), [](const auto& tested) { return tested.param; });

}  // namespace
}  // namespace ndcast::stream
