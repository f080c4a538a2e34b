#include "stream/colour_convert.h"

#include <chrono>
#include <random>
#include <tuple>

#include <gtest/gtest.h>

#include "stream/picture_test_util.h"

namespace ndcast::stream {
namespace {

int largest_difference(const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b) {
  EXPECT_EQ(a.size(), b.size());
  int largest = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

TEST(ColourConvert, KnownColoursInBt709LimitedRange) {
  // BT.709 colour bars at full amplitude, as in ITU-R BT.709-6 with 8-bit quantisation.
  const struct {
    std::uint8_t r, g, b, y, u, v;
  } bars[] = {{0, 0, 0, 16, 128, 128},       {255, 255, 255, 235, 128, 128}, {255, 0, 0, 63, 102, 240},
              {0, 255, 0, 173, 42, 26},      {0, 0, 255, 32, 240, 118},      {255, 255, 0, 219, 16, 138},
              {128, 128, 128, 126, 128, 128}};
  for (const auto& bar : bars) {
    const RgbaPicture picture = plain_picture(66, 4, bar.r, bar.g, bar.b);
    I420Picture exact;
    rgba_to_i420_bt709_reference(picture.view(), exact);
    EXPECT_EQ(std::tuple(exact.y[0], exact.u[0], exact.v[0]), std::tuple(bar.y, bar.u, bar.v));
    I420Picture fast;
    rgba_to_i420_bt709(picture.view(), fast);
    EXPECT_LE(largest_difference(fast.y, exact.y), 1);
    EXPECT_LE(largest_difference(fast.u, exact.u), 1);
    EXPECT_LE(largest_difference(fast.v, exact.v), 1);
  }
}

TEST(ColourConvert, IsWithinOneOfTheReferenceAtEverySizeAndStride) {
  std::mt19937 random(7);
  for (const auto& [width, height] : {std::pair(1, 1), {2, 2}, {3, 5}, {63, 4}, {64, 2}, {65, 3}, {130, 7}, {257, 9}}) {
    const std::size_t stride = static_cast<std::size_t>(width) * 4 + 12;
    std::vector<std::uint8_t> pixels(stride * static_cast<std::size_t>(height));
    for (auto& byte : pixels) byte = static_cast<std::uint8_t>(random() % 3 == 0 ? (random() % 2) * 255 : random());
    const RgbaView view{pixels.data(), width, height, stride};
    I420Picture fast;
    I420Picture exact;
    rgba_to_i420_bt709(view, fast);
    rgba_to_i420_bt709_reference(view, exact);
    EXPECT_EQ(fast.width, width);
    EXPECT_EQ(fast.u.size(), static_cast<std::size_t>((width + 1) / 2 * ((height + 1) / 2)));
    EXPECT_LE(largest_difference(fast.y, exact.y), 1) << width << " × " << height;
    EXPECT_LE(largest_difference(fast.u, exact.u), 1) << width << " × " << height;
    EXPECT_LE(largest_difference(fast.v, exact.v), 1) << width << " × " << height;
  }
}

TEST(ColourConvert, VectorsAndBlocksAgreeExactly) {
  // A picture one vector wide plus a bit runs both; shifted by a block, each pixel is done by the other one.
  const RgbaPicture wide = test_picture(512, 16, 0);
  I420Picture all;
  rgba_to_i420_bt709(wide.view(), all);
  for (const int from : {2, 30, 62}) {
    I420Picture part;
    const RgbaView narrow{wide.rgba.data() + from * 4, 6, 16, 512 * 4};
    rgba_to_i420_bt709(narrow, part);
    for (int y = 0; y < 16; ++y) {
      for (int x = 0; x < 6; ++x) EXPECT_EQ(part.y[y * 6 + x], all.y[y * 512 + from + x]);
      for (int x = 0; x < 3; ++x) {
        EXPECT_EQ(part.u[y / 2 * 3 + x], all.u[y / 2 * 256 + from / 2 + x]);
        EXPECT_EQ(part.v[y / 2 * 3 + x], all.v[y / 2 * 256 + from / 2 + x]);
      }
    }
  }
}

TEST(ScaleI420, KeepsConstantsIdentityAndGradients) {
  I420Picture in;
  rgba_to_i420_bt709(test_picture(64, 48, 0).view(), in);
  I420Picture same;
  same.resize(64, 48);
  scale_i420(in, same);
  EXPECT_EQ(same.y, in.y);
  EXPECT_EQ(same.u, in.u);

  I420Picture plain;
  rgba_to_i420_bt709(plain_picture(31, 17, 10, 200, 30).view(), plain);
  I420Picture large;
  large.resize(64, 48);
  scale_i420(plain, large);
  EXPECT_EQ(largest_difference(large.y, std::vector<std::uint8_t>(64 * 48, plain.y[0])), 0);

  I420Picture ramp;
  ramp.resize(100, 2);
  for (int i = 0; i < 200; ++i) ramp.y[i] = static_cast<std::uint8_t>(2 * (i % 100));
  I420Picture twice;
  twice.resize(200, 4);
  scale_i420(ramp, twice);
  // Centres aligned: output x lies at input (x + 0.5)/2 − 0.5.
  for (int x = 1; x < 199; ++x) EXPECT_NEAR(twice.y[x], 2 * ((x + 0.5) / 2 - 0.5), 0.51) << x;
}

}  // namespace
}  // namespace ndcast::stream
