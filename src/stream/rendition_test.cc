#include "stream/rendition.h"

#include <condition_variable>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>

#include "stream/null_encoder.h"
#include "stream/picture_test_util.h"

namespace ndcast::stream {
namespace {

SharedPicture grey(std::uint8_t value, int width = 32, int height = 16) {
  return std::make_shared<const RgbaPicture>(plain_picture(width, height, value, value, value));
}

/// Everything that came out, in order.
struct Recorder {
  RenditionOutput output() {
    return {.on_config =
                [this](const StreamConfig& config, std::uint32_t number) {
                  events.push_back(fmt::format("config {} {}x{}", number, config.width, config.height));
                },
            .on_packet =
                [this](SharedPacket packet) {
                  const auto pixel = first_pixel_of_null_payload(packet->payload);
                  events.push_back(fmt::format("{}{}", packet->keyframe ? "key " : "delta ", (*pixel)[0]));
                  packets.push_back(std::move(packet));
                },
            .on_failure = [this](const Error& error) { events.push_back("failure: " + error.message); }};
  }
  std::vector<std::string> take() { return std::exchange(events, {}); }
  std::vector<std::string> events;
  std::vector<SharedPacket> packets;
};

/// A null encoder that misbehaves when told to.
class Moody final : public Encoder {
 public:
  struct Mood {
    bool fail = false;
    bool refuse_keyframes = false;
    int made = 0;
    std::int64_t bitrate_bps = 0;
    double quantiser = -1;
  };
  Moody(Mood& mood, std::unique_ptr<Encoder> inner) : mood_(mood), inner_(std::move(inner)) {}
  std::string_view name() const override { return "moody"; }
  const StreamConfig& config() const override { return inner_->config(); }
  Result<EncodedFrame> encode(const RgbaView& picture, FrameKind kind) override {
    if (mood_.fail) return fail(ErrorCode::Internal, "moody");
    auto frame = inner_->encode(picture, mood_.refuse_keyframes ? FrameKind::Delta : kind);
    frame->quantiser = mood_.quantiser;
    return frame;
  }
  Result<void> reconfigure(std::int64_t bitrate_bps, double) override {
    mood_.bitrate_bps = bitrate_bps;
    return {};
  }

 private:
  Mood& mood_;
  std::unique_ptr<Encoder> inner_;
};

class RenditionTest : public testing::Test {
 protected:
  RenditionOptions options() {
    return {.encoder = "null",
            .factory = [this](const EncoderSettings& settings) -> Result<std::unique_ptr<Encoder>> {
              ++mood.made;
              ND_ASSIGN(auto inner, make_null_encoder(settings));
              return std::make_unique<Moody>(mood, std::move(inner));
            },
            .threaded = false};
  }
  void drain() {
    while (rendition.run_once()) {
    }
  }

  FakeClock clock;
  Moody::Mood mood;
  Recorder recorder;
  Rendition rendition{options(), recorder.output(), clock};
};

using Events = std::vector<std::string>;

TEST_F(RenditionTest, WP21_TheNewestPictureWinsBeforeEncoding) {
  for (std::uint8_t i = 1; i <= 5; ++i) rendition.submit({.picture = grey(i)});
  drain();
  EXPECT_EQ(recorder.take(), (Events{"config 1 32x16", "key 5"}));
  rendition.submit({.picture = grey(6)});
  drain();
  EXPECT_EQ(recorder.take(), (Events{"delta 6"}));
  const RenditionCounters counters = rendition.counters();
  EXPECT_EQ(counters.submitted, 6u);
  EXPECT_EQ(counters.dropped, 4u);
  EXPECT_EQ(counters.encoded, 2u);
  EXPECT_EQ(counters.keyframes, 1u);
}

TEST_F(RenditionTest, PicturesAreSharedNotCopiedAndReleasedWhenReplaced) {
  const auto first = std::make_shared<const RgbaPicture>(plain_picture(32, 16, 1, 1, 1));
  const auto second = std::make_shared<std::vector<std::uint8_t>>(32 * 16 * 4, 2);
  rendition.submit({.picture = first});
  drain();
  EXPECT_EQ(first.use_count(), 2) << "kept for a later keyframe";
  rendition.submit({.picture = SharedPicture({second->data(), 32, 16, 32 * 4}, second)});
  drain();
  EXPECT_EQ(first.use_count(), 1);
  EXPECT_EQ(second.use_count(), 2);
  EXPECT_EQ(recorder.events.back(), "delta 2");
}

TEST_F(RenditionTest, NothingIsEncodedWhileNothingChanges) {
  rendition.submit({.picture = grey(1)});
  drain();
  recorder.take();
  clock.advance(10s);
  EXPECT_FALSE(rendition.run_once());
  EXPECT_EQ(recorder.take(), Events{});
}

TEST_F(RenditionTest, WP32_AForgottenPictureIsNeitherSentAgainNorRefined) {
  mood.quantiser = 40;
  rendition.submit({.picture = grey(9)});
  drain();
  recorder.take();
  rendition.forget_picture();
  rendition.owe_keyframe(KeyframeReason::Join);
  clock.advance(2s);
  EXPECT_FALSE(rendition.run_once());
  rendition.submit({.picture = grey(10)});
  drain();
  EXPECT_EQ(recorder.take(), (Events{"key 10"})) << "the debt stood";
}

TEST_F(RenditionTest, WP19_APictureThatShowsANewerStateTooSaysSoWhenItIsSentAgain) {
  rendition.submit({.picture = grey(9), .state = {.server_seq = 42, .camera_seq = 3}});
  drain();
  rendition.restamp(45, 4);
  rendition.restamp(44, 2);  // late: it takes nothing back
  rendition.owe_keyframe(KeyframeReason::Join);
  clock.advance(1s);
  drain();
  EXPECT_EQ(recorder.take(), (Events{"config 1 32x16", "key 9", "key 9"}));
  EXPECT_EQ(recorder.packets.back()->state.server_seq, 45U);
  EXPECT_EQ(recorder.packets.back()->state.camera_seq, 4U);
}

TEST_F(RenditionTest, WP21_ADebtIsPaidWithTheRetainedPictureWithin500MsWhenNothingChanges) {
  rendition.submit({.picture = grey(9), .state = {.server_seq = 42}});
  drain();
  recorder.take();
  clock.advance(100ms);
  rendition.owe_keyframe(KeyframeReason::Join);
  rendition.owe_keyframe(KeyframeReason::Request);
  for (int i = 0; i < 50; ++i) {
    clock.advance(10ms);
    drain();
  }
  EXPECT_EQ(recorder.take(), (Events{"key 9"})) << "one keyframe for both";
  EXPECT_EQ(recorder.packets.back()->state.server_seq, 42u) << "it shows the state that it showed";
  EXPECT_EQ(rendition.counters().repeated, 1u);
}

TEST_F(RenditionTest, WP21_ADebtSurvivesADroppedPicture) {
  rendition.submit({.picture = grey(1)});
  drain();
  clock.advance(1s);
  rendition.submit({.picture = grey(2)});
  rendition.owe_keyframe(KeyframeReason::Gap);
  rendition.submit({.picture = grey(3)});
  drain();
  EXPECT_EQ(recorder.take(), (Events{"config 1 32x16", "key 1", "key 3"}));
}

TEST_F(RenditionTest, WP21_ADebtBeforeTheFirstPictureWaitsForItAndRestartsNothing) {
  rendition.owe_keyframe(KeyframeReason::Join);
  EXPECT_FALSE(rendition.run_once());
  clock.advance(5s);
  rendition.submit({.picture = grey(1)});
  drain();
  EXPECT_EQ(recorder.take(), (Events{"config 1 32x16", "key 1"}));
  EXPECT_EQ(rendition.counters().restarts, 0u);
  clock.advance(5s);
  EXPECT_FALSE(rendition.run_once());
}

TEST_F(RenditionTest, WP21_UnpaidAfterOneSecondTheEncoderIsRestartedAndCounted) {
  rendition.submit({.picture = grey(1)});
  drain();
  clock.advance(1s);
  mood.refuse_keyframes = true;
  rendition.owe_keyframe(KeyframeReason::Join);
  const auto owed_at = clock.now();
  int turns = 0;
  while (rendition.counters().restarts == 0) {
    ASSERT_LT(++turns, 3000);
    drain();
    clock.advance(1ms);
  }
  EXPECT_GE(clock.now() - owed_at, 1s);
  EXPECT_LT(clock.now() - owed_at, 1150ms);
  EXPECT_LE(rendition.counters().encoded, 13u) << "asked again, but not all the time";
  drain();
  EXPECT_EQ(mood.made, 2);
  EXPECT_EQ(recorder.events.back(), "key 1") << "a new encoder starts with a keyframe";
  mood.refuse_keyframes = false;
  clock.advance(5s);
  EXPECT_FALSE(rendition.run_once()) << "and with it the debt is paid";
}

TEST_F(RenditionTest, AFailingEncoderIsReplacedAndTheLostPictureComesAgain) {
  rendition.submit({.picture = grey(1)});
  drain();
  recorder.take();
  mood.fail = true;
  rendition.submit({.picture = grey(2)});
  drain();
  EXPECT_EQ(recorder.take(), (Events{"failure: moody"}));
  mood.fail = false;
  EXPECT_FALSE(rendition.run_once()) << "not at once";
  clock.advance(Rendition::kRetry);
  drain();
  EXPECT_EQ(recorder.take(), (Events{"key 2"}));
  EXPECT_EQ(rendition.counters().restarts, 1u);
}

TEST_F(RenditionTest, AnEncoderThatKeepsFailingIsTriedLessAndLess) {
  mood.fail = true;
  rendition.submit({.picture = grey(1)});
  for (int i = 0; i < 60'000; ++i) {
    drain();
    clock.advance(1ms);
  }
  EXPECT_LT(mood.made, 30);
  EXPECT_GT(mood.made, 10);
}

TEST_F(RenditionTest, WP20_AChangeOfSizeIsAnnouncedBeforeItsFirstFrame) {
  rendition.submit({.picture = grey(1)});
  drain();
  rendition.submit({.picture = grey(2, 64, 48)});
  drain();
  rendition.submit({.picture = grey(3, 33, 25), .width = 64, .height = 48});
  drain();
  EXPECT_EQ(recorder.take(), (Events{"config 1 32x16", "key 1", "config 2 64x48", "key 2", "delta 3"}));
  EXPECT_EQ(recorder.packets[1]->config_number, 2u);
  EXPECT_EQ(recorder.packets[2]->width, 64);
}

TEST_F(RenditionTest, RateChangesReachTheEncoderWithTheNextFrame) {
  rendition.submit({.picture = grey(1)});
  drain();
  rendition.reconfigure({.bitrate_bps = 1'000'000, .fps = 15});
  EXPECT_FALSE(rendition.run_once());
  EXPECT_EQ(mood.bitrate_bps, 0);
  rendition.submit({.picture = grey(2)});
  drain();
  EXPECT_EQ(mood.bitrate_bps, 1'000'000);
  EXPECT_EQ(recorder.events.back(), "delta 2");
}

TEST_F(RenditionTest, WhatNobodyCouldTakeIsNotEncoded) {
  rendition.submit({.picture = grey(1)});
  drain();
  rendition.hold(true);
  rendition.submit({.picture = grey(2)});
  rendition.submit({.picture = grey(3)});
  EXPECT_FALSE(rendition.run_once());
  rendition.hold(false);
  drain();
  EXPECT_EQ(recorder.take(), (Events{"config 1 32x16", "key 1", "delta 3"})) << "the newest alone";
  EXPECT_EQ(rendition.counters().dropped, 1u);
}

TEST_F(RenditionTest, WP21_AKeyframeIsOwedWhoeverElseTakesNothing) {
  rendition.submit({.picture = grey(1)});
  drain();
  rendition.hold(true);
  rendition.submit({.picture = grey(2)});
  rendition.owe_keyframe(KeyframeReason::Join);
  clock.advance(500ms);
  drain();
  EXPECT_EQ(recorder.take(), (Events{"config 1 32x16", "key 1", "key 2"}));
}

TEST_F(RenditionTest, PacedPicturesComeNoFasterAndTheNewestWins) {
  rendition.reconfigure({.bitrate_bps = 1'000'000, .fps = 10, .is_paced = true});
  for (int ms = 0; ms < 1000; ms += 10, clock.advance(10ms)) {
    rendition.submit({.picture = grey(static_cast<std::uint8_t>(1 + ms / 10))});
    drain();
  }
  const Events events = recorder.take();
  EXPECT_GE(events.size(), 1u + 10);
  EXPECT_LE(events.size(), 1u + 12) << "a tenth early at most";
  EXPECT_EQ(events[2], "delta 10");
}

TEST_F(RenditionTest, HalfTheSizeIsTheSamePicture) {
  Recorder half_recorder;
  Rendition half({.encoder = "null", .divisor = 2, .threaded = false}, half_recorder.output(), clock);
  half.submit({.picture = grey(1), .width = 66, .height = 48});
  while (half.run_once()) {
  }
  EXPECT_EQ(half_recorder.take(), (Events{"config 1 32x24", "key 1"}));
  EXPECT_EQ(half_recorder.packets[0]->width, 66) << "whoever shows it scales it up to the canvas";
  EXPECT_EQ(half_recorder.packets[0]->height, 48);
}

TEST_F(RenditionTest, APictureAtRestIsRefinedUntilItIsFine) {
  mood.quantiser = 35;
  const auto rest = [&](std::chrono::milliseconds time) {
    for (auto t = 0ms; t < time; t += 1ms, clock.advance(1ms)) drain();
  };
  rendition.submit({.picture = grey(1)});
  rest(149ms);
  rendition.submit({.picture = grey(2)});
  rest(149ms);
  EXPECT_EQ(recorder.take(), (Events{"config 1 32x16", "key 1", "delta 2"})) << "not while it moves";
  rest(20ms);
  EXPECT_EQ(recorder.take(), (Events{"delta 2"}));
  mood.quantiser = 20;
  rest(10s);
  EXPECT_EQ(recorder.take(), (Events{"delta 2"})) << "fine with the second: nothing more";
  EXPECT_EQ(rendition.counters().refined, 2u);
}

TEST_F(RenditionTest, WithoutRefiningAPictureIsEncodedOnce) {
  mood.quantiser = 40;
  rendition.set_refining(false);
  rendition.submit({.picture = grey(1)});
  drain();
  clock.advance(10s);
  EXPECT_FALSE(rendition.run_once());
}

TEST_F(RenditionTest, RefiningEndsEvenWhenThePictureNeverGetsFine) {
  mood.quantiser = 35;
  rendition.submit({.picture = grey(1)});
  const auto start = clock.now();
  while (rendition.counters().refined < 10) {
    drain();
    clock.advance(1ms);
  }
  EXPECT_LE(clock.now() - start, 500ms);
  clock.advance(1s);
  EXPECT_FALSE(rendition.run_once());
  rendition.owe_keyframe(KeyframeReason::Join);
  drain();
  EXPECT_EQ(recorder.events.back(), "key 1");
  clock.advance(1s);
  EXPECT_TRUE(rendition.run_once()) << "a keyframe is coarser, so it starts anew";
}

TEST(RenditionThread, EncodesWithoutBeingDriven) {
  const SystemClock clock;
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<SharedPacket> packets;
  RenditionOutput output;
  output.on_packet = [&](SharedPacket packet) {
    const std::lock_guard lock(mutex);
    packets.push_back(std::move(packet));
    changed.notify_all();
  };
  const auto wait_for = [&](std::size_t count) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, 10s, [&] { return packets.size() >= count; });
  };
  Rendition rendition({.encoder = "null"}, output, clock);
  rendition.submit({.picture = grey(1)});
  ASSERT_TRUE(wait_for(1));
  rendition.owe_keyframe(KeyframeReason::Request);
  ASSERT_TRUE(wait_for(2));
  EXPECT_TRUE(packets[1]->keyframe);
}

TEST(RenditionThread, AHungEncoderIsLeftBehindAndStaysSilent) {
  struct Gate {
    std::mutex mutex;
    std::condition_variable opened;
    bool open = false;
    bool entered = false;
  };
  // Shared with the thread that outlives the rendition.
  const auto gate = std::make_shared<Gate>();
  static const SystemClock clock;
  class Hung final : public Encoder {
   public:
    Hung(std::shared_ptr<Gate> gate, std::unique_ptr<Encoder> inner)
        : gate_(std::move(gate)), inner_(std::move(inner)) {}
    std::string_view name() const override { return "hung"; }
    const StreamConfig& config() const override { return inner_->config(); }
    Result<EncodedFrame> encode(const RgbaView& picture, FrameKind kind) override {
      std::unique_lock lock(gate_->mutex);
      gate_->entered = true;
      gate_->opened.notify_all();
      gate_->opened.wait(lock, [&] { return gate_->open; });
      return inner_->encode(picture, kind);
    }
    Result<void> reconfigure(std::int64_t, double) override { return {}; }

   private:
    std::shared_ptr<Gate> gate_;
    std::unique_ptr<Encoder> inner_;
  };
  const auto came = std::make_shared<std::atomic<int>>(0);
  {
    RenditionOutput output;
    output.on_packet = [came](const SharedPacket&) { ++*came; };
    Rendition rendition({.factory = [gate](const EncoderSettings& settings) -> Result<std::unique_ptr<Encoder>> {
                          ND_ASSIGN(auto inner, make_null_encoder(settings));
                          return std::make_unique<Hung>(gate, std::move(inner));
                        }},
                        output, clock);
    rendition.submit({.picture = grey(1)});
    std::unique_lock lock(gate->mutex);
    ASSERT_TRUE(gate->opened.wait_for(lock, 10s, [&] { return gate->entered; }));
    lock.unlock();
    std::this_thread::sleep_for(5ms);
    EXPECT_GT(rendition.busy_for(), 1ms);
    EXPECT_FALSE(rendition.picture_waiting());
    rendition.submit({.picture = grey(2)});
    EXPECT_TRUE(rendition.picture_waiting());
  }
  {
    const std::lock_guard lock(gate->mutex);
    gate->open = true;
  }
  gate->opened.notify_all();
  for (int i = 0; i < 200 && gate.use_count() > 1; ++i) std::this_thread::sleep_for(10ms);
  EXPECT_EQ(gate.use_count(), 1) << "it ends by itself once the encoder returns";
  EXPECT_EQ(*came, 0);
}

}  // namespace
}  // namespace ndcast::stream
