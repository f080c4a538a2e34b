#include "render/stills/png.h"

#include <filesystem>

#include <gtest/gtest.h>
#include <unistd.h>

namespace ndcast::render {
namespace {

Picture ramp(int width, int height) {
  Picture picture;
  picture.resize(width, height);
  for (std::size_t i = 0; i < picture.rgba.size(); ++i) {
    picture.rgba[i] = i % 4 == 3 ? 255 : static_cast<std::uint8_t>(i * 7 + i / 97);
  }
  return picture;
}

TEST(Png, ComesBackAsItWas) {
  const Picture picture = ramp(37, 11);
  const auto bytes = encode_png(picture);
  ASSERT_TRUE(bytes) << bytes.error().message;
  const auto back = decode_png(*bytes);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->width, 37);
  EXPECT_EQ(back->height, 11);
  EXPECT_EQ(back->rgba, picture.rgba);
}

TEST(Png, GoesThroughAFile) {
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("ndcast_png_test_" + std::to_string(getpid()) + ".png");
  const Picture picture = ramp(5, 4);
  const auto written = write_png(path, picture);
  ASSERT_TRUE(written) << written.error().message;
  const auto back = read_png(path);
  std::filesystem::remove(path);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->rgba, picture.rgba);
  EXPECT_EQ(read_png(path).error().code, ErrorCode::NotFound);
  EXPECT_EQ(write_png("/no/such/directory/x.png", picture).error().code, ErrorCode::Io);
}

TEST(Png, RefusesWhatIsNone) {
  const auto bytes = encode_png(ramp(64, 64));
  ASSERT_TRUE(bytes);
  EXPECT_EQ(decode_png(std::span(*bytes).first(bytes->size() / 2)).error().code, ErrorCode::Corrupt);
  EXPECT_EQ(decode_png({}).error().code, ErrorCode::Corrupt);
  EXPECT_EQ(encode_png({}).error().code, ErrorCode::Invalid);
  Picture short_of_bytes = ramp(4, 4);
  short_of_bytes.rgba.pop_back();
  EXPECT_EQ(encode_png(short_of_bytes).error().code, ErrorCode::Invalid);
}

}  // namespace
}  // namespace ndcast::render
