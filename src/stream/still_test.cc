#include "stream/still.h"

#include <gtest/gtest.h>
#include <webp/decode.h>

#include "stream/picture_test_util.h"

namespace ndcast::stream {
namespace {

/// R, G, B of rows, as a viewer decodes them.
std::vector<std::uint8_t> decoded(std::span<const std::byte> webp, int width, int rows) {
  std::vector<std::uint8_t> rgb(static_cast<std::size_t>(width) * static_cast<std::size_t>(rows) * 3);
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(webp.data());
  EXPECT_NE(WebPDecodeRGBInto(bytes, webp.size(), rgb.data(), rgb.size(), width * 3), nullptr);
  return rgb;
}

std::vector<std::uint8_t> rgb_of(const RgbaPicture& picture, int top, int rows) {
  std::vector<std::uint8_t> rgb;
  const std::size_t row = static_cast<std::size_t>(picture.width) * 4;
  for (std::size_t i = static_cast<std::size_t>(top) * row; i < static_cast<std::size_t>(top + rows) * row; i += 4) {
    rgb.insert(rgb.end(), &picture.rgba[i], &picture.rgba[i] + 3);
  }
  return rgb;
}

class StillTest : public testing::Test {
 protected:
  Submission submission(std::uint32_t picture, bool complete = true) const {
    Submission made{.picture = std::make_shared<const RgbaPicture>(test_picture(50, 34, static_cast<int>(picture)))};
    made.state.picture = picture;
    made.state.complete = complete;
    return made;
  }
  /// Picture numbers of the stills made since.
  std::vector<std::uint32_t> made() {
    while (maker.run_once()) {
    }
    std::vector<std::uint32_t> numbers;
    for (const SharedStill& still : std::exchange(stills, {})) numbers.push_back(still->picture);
    return numbers;
  }

  FakeClock clock;
  std::vector<SharedStill> stills;
  StillMaker maker{
      {.rows = 16, .threaded = false}, [this](SharedStill still) { stills.push_back(std::move(still)); }, clock};
};

using Numbers = std::vector<std::uint32_t>;

TEST(EncodeWebp, KeepsEveryPixel) {
  const RgbaPicture picture = test_picture(131, 70, 3, 40);
  const auto webp = encode_webp(picture.view(), 5, 60);
  ASSERT_TRUE(webp.has_value()) << webp.error().message;
  EXPECT_EQ(decoded(*webp, 131, 60), rgb_of(picture, 5, 60));
  EXPECT_LT(webp->size(), rgb_of(picture, 5, 60).size());
}

TEST(EncodeWebp, RefusesRowsThatAreNotThere) {
  const RgbaPicture picture = test_picture(8, 8, 0);
  EXPECT_EQ(encode_webp(picture.view(), 4, 5).error().message,
            "rows 4 to 9 of a picture of 8 x 8 (sides of 1 to 16383 expected)");
  EXPECT_FALSE(encode_webp(picture.view(), -1, 2).has_value());
  EXPECT_FALSE(encode_webp(picture.view(), 0, 0).has_value());
}

TEST_F(StillTest, WP38_APictureAtRestIsMadeLosslessStripByStrip) {
  maker.set_wanted(true);
  const Submission offered = submission(7);
  maker.offer(offered);
  clock.advance(599ms);
  EXPECT_EQ(made(), Numbers{});
  clock.advance(1ms);
  ASSERT_TRUE(maker.run_once());
  ASSERT_EQ(stills.size(), 1u);
  const Still& still = *stills[0];
  EXPECT_EQ(still.picture, 7u);
  ASSERT_EQ(still.strips.size(), 3u);
  const RgbaPicture picture = test_picture(50, 34, 7);
  for (std::size_t i = 0; i < 3; ++i) {
    const VideoPacket& strip = *still.strips[i];
    const int top = static_cast<int>(i) * 16;
    const int rows = std::min(16, 34 - top);
    EXPECT_TRUE(strip.still);
    EXPECT_FALSE(strip.keyframe);
    EXPECT_EQ(strip.codec, PixelCodec::Webp);
    EXPECT_EQ(strip.height, 34);
    EXPECT_EQ(strip.state.picture, 7u);
    EXPECT_EQ(strip.state.strip_top, static_cast<std::uint32_t>(top));
    EXPECT_EQ(decoded(strip.payload, 50, rows), rgb_of(picture, top, rows));
  }
  clock.advance(10s);
  EXPECT_FALSE(maker.run_once()) << "once is enough";
}

TEST_F(StillTest, WP38_OnlyTheLastPictureAndOnlyACompleteOneOfFullSize) {
  maker.set_wanted(true);
  for (std::uint32_t i = 1; i <= 20; ++i) {
    maker.offer(submission(i));
    clock.advance(100ms);
    EXPECT_EQ(made(), Numbers{});
  }
  clock.advance(500ms);
  EXPECT_EQ(made(), Numbers{20});
  maker.offer(submission(21));
  maker.offer(submission(22, false));
  clock.advance(1s);
  EXPECT_EQ(made(), Numbers{}) << "what it shows is not all there";
  Submission small = submission(23);
  small.width = 100;
  small.height = 68;
  maker.offer(small);
  clock.advance(1s);
  EXPECT_EQ(made(), Numbers{}) << "scaled up while moving";
  maker.offer(submission(24));
  maker.forget();
  clock.advance(1s);
  EXPECT_EQ(made(), Numbers{});
}

TEST_F(StillTest, WP38_NothingIsMadeWhileNobodyWantsIt) {
  maker.offer(submission(1));
  clock.advance(10s);
  EXPECT_EQ(made(), Numbers{});
  maker.set_wanted(true);
  maker.set_wanted(false);
  clock.advance(10s);
  EXPECT_EQ(made(), Numbers{});
  maker.set_wanted(true);
  clock.advance(600ms);
  EXPECT_EQ(made(), Numbers{1}) << "the picture at rest";
}

TEST(StillMaker, MakesThemOnAThreadOfItsOwn) {
  std::mutex mutex;
  std::condition_variable arrived;
  std::vector<std::uint32_t> numbers;
  const auto take = [&](const SharedStill& still) {
    const std::lock_guard lock(mutex);
    numbers.push_back(still->picture);
    arrived.notify_all();
  };
  const SystemClock clock;
  StillMaker maker({.after = 1ms}, take, clock);
  maker.set_wanted(true);
  for (std::uint32_t i = 1; i <= 3; ++i) {
    Submission submission{.picture = std::make_shared<const RgbaPicture>(test_picture(64, 64, 1))};
    submission.state.picture = i;
    submission.state.complete = true;
    maker.offer(std::move(submission));
    std::unique_lock lock(mutex);
    EXPECT_TRUE(arrived.wait_for(lock, 60s, [&] { return !numbers.empty() && numbers.back() == i; }));
  }
}

}  // namespace
}  // namespace ndcast::stream
