#include "stream/pixel_channel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ndcast::stream {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// A socket that takes messages only when told to.
struct FakeSink final : PixelSink {
  void send(std::shared_ptr<const std::vector<std::byte>> message) override {
    if (!reading) queued += message->size();
    messages.push_back(std::move(message));
  }
  std::size_t queued_bytes() const override { return queued; }
  bool reading = true;
  std::size_t queued = 0;
  std::vector<std::shared_ptr<const std::vector<std::byte>>> messages;
};

class PixelChannelTest : public testing::Test {
 protected:
  explicit PixelChannelTest(PixelChannelOptions options = {.extended = true})
      : channel(sink, std::move(options), [this](KeyframeReason why) { asked.push_back(why); }, clock) {}

  SharedPacket packet(bool keyframe, std::size_t size = 1000) {
    auto made = std::make_shared<VideoPacket>();
    made->width = 64;
    made->height = 32;
    made->keyframe = keyframe;
    made->payload.resize(size);
    made->state.server_seq = ++server_seq;
    made->encoded_at = clock.now();
    return made;
  }
  void push(bool keyframe, std::size_t size = 1000) { channel.push(packet(keyframe, size)); }
  /// The socket has taken everything.
  void drain() {
    sink.queued = 0;
    channel.on_writable();
  }
  /// "K7 D8 …": kind and server_seq of what was sent; checks that the numbers on the socket are contiguous.
  std::string sent() {
    std::string out;
    for (const auto& message : sink.messages) {
      const auto frame = parse_pixel_frame(*message);
      EXPECT_TRUE(frame.has_value());
      EXPECT_EQ(frame->header.seq, expected_seq++);
      const auto seq = frame->state ? frame->state->server_seq : 0;
      out += fmt::format("{}{}{}", out.empty() ? "" : " ", frame->header.keyframe ? 'K' : 'D', seq);
    }
    sink.messages.clear();
    return out;
  }

  FakeClock clock;
  FakeSink sink;
  std::vector<KeyframeReason> asked;
  PixelChannel channel;
  std::uint64_t server_seq = 0;
  std::uint32_t expected_seq = 0;
};

/// One whose viewer takes stills too.
class StillChannelTest : public PixelChannelTest {
 protected:
  /// On a link that carries two strips and a half in PixelChannel::kStripsUnderWay.
  StillChannelTest()
      : PixelChannelTest({.extended = true, .codecs = {PixelCodec::H264, PixelCodec::Webp}, .ceiling_bps = 150'000}) {
    channel.start();
    show(1, true);
    sink.messages.clear();
    expected_seq = 1;
  }
  /// A video frame of a picture.
  void show(std::uint32_t picture, bool keyframe = false) {
    auto made = std::make_shared<VideoPacket>(*packet(keyframe));
    made->state.picture = picture;
    channel.push(made);
  }
  SharedStill still(std::uint32_t picture, std::size_t strips = 5) {
    auto made = std::make_shared<Still>();
    made->picture = picture;
    for (std::size_t i = 0; i < strips; ++i) {
      auto strip = std::make_shared<VideoPacket>(*packet(false));
      strip->codec = PixelCodec::Webp;
      strip->still = true;
      strip->state.picture = picture;
      strip->state.strip_top = static_cast<std::uint32_t>(i);
      made->strips.push_back(strip);
    }
    return made;
  }
  bool arrived(std::uint32_t seq) {
    return channel.on_text(fmt::format(R"({{"type":"strip","seq":{}}})", seq)).has_value();
  }
  /// What was sent: "S0" is strip 0, "V2" video of picture 2.
  std::string sent_of_pictures() {
    std::string out;
    for (const auto& message : std::exchange(sink.messages, {})) {
      const auto frame = parse_pixel_frame(*message);
      EXPECT_EQ(frame->header.seq, expected_seq++);
      const bool is_strip = frame->header.still;
      out += fmt::format("{}{}{}", out.empty() ? "" : " ", is_strip ? 'S' : 'V',
                         is_strip ? frame->state->strip_top : frame->state->picture);
    }
    return out;
  }
};

class OriginalChannelTest : public PixelChannelTest {
 protected:
  OriginalChannelTest() : PixelChannelTest({.extended = false, .codecs = {PixelCodec::H264, PixelCodec::Jpeg}}) {}
};

TEST_F(PixelChannelTest, WP19_TheFirstFrameIsAKeyframeAndNumbersAreContiguous) {
  channel.start();
  EXPECT_THAT(asked, ElementsAre(KeyframeReason::Join));
  push(false);
  push(false);
  EXPECT_EQ(sent(), "");
  push(true);
  push(false);
  push(false);
  EXPECT_EQ(sent(), "K3 D4 D5");
  EXPECT_EQ(channel.counters().gated, 2u);
}

TEST_F(PixelChannelTest, WP19_FramesNameTheirStateAndTheTimesOfTheirWay) {
  channel.start();
  auto made = std::make_shared<VideoPacket>(*packet(true));
  made->intent_at = clock.now() - 20ms;
  made->state.times.render_ms = 4;
  clock.advance(5ms);
  channel.push(made);
  const auto frame = parse_pixel_frame(*sink.messages.at(0));
  EXPECT_EQ(frame->state->server_seq, 1u);
  EXPECT_EQ(frame->state->times.render_ms, 4);
  EXPECT_FLOAT_EQ(frame->state->times.queue_ms, 5);
  EXPECT_FLOAT_EQ(frame->state->times.total_ms, 25);
  EXPECT_EQ(frame->header.timestamp, clock.unix_seconds());
  EXPECT_EQ(frame->header.width, 64u);
}

TEST_F(OriginalChannelTest, WP19_AnOriginalClientGetsTheBareHeaderAndOnlyVideo) {
  channel.start();
  push(true, 10);
  EXPECT_EQ(sink.messages.at(0)->size(), kPixelHeaderBytes + 10);
  auto still = std::make_shared<VideoPacket>(*packet(true));
  still->still = true;
  channel.push(still);
  auto jpeg = std::make_shared<VideoPacket>(*packet(true));
  jpeg->codec = PixelCodec::Jpeg;
  channel.push(jpeg);
  EXPECT_EQ(sink.messages.size(), 1u);
}

TEST_F(PixelChannelTest, CodecsThatTheSocketDidNotNameAreNotSent) {
  channel.start();
  auto jpeg = std::make_shared<VideoPacket>(*packet(true));
  jpeg->codec = PixelCodec::Jpeg;
  channel.push(jpeg);
  EXPECT_TRUE(channel.waiting_for_keyframe());
  EXPECT_EQ(sent(), "");
}

TEST_F(PixelChannelTest, StillsFollowTheVideoButDoNotReplaceItsKeyframes) {
  const auto still = [&] {
    auto made = std::make_shared<VideoPacket>(*packet(true));
    made->still = true;
    return made;
  };
  channel.start();
  channel.push(still());
  EXPECT_EQ(sent(), "") << "nothing to stand on yet";
  push(true);
  channel.push(still());
  push(false);
  EXPECT_EQ(sent(), "K2 K3 D4");
}

TEST_F(PixelChannelTest, WP21_FramesWaitWhileTheSocketHasNotTakenTheLastOne) {
  channel.start();
  sink.reading = false;
  push(true);
  push(false);
  push(false);
  EXPECT_EQ(sent(), "K1");
  EXPECT_EQ(channel.backlog_frames(), 2u);
  EXPECT_EQ(channel.backlog_bytes(), 2000u);
  drain();
  EXPECT_EQ(sent(), "D2");
  drain();
  drain();
  EXPECT_EQ(sent(), "D3");
  EXPECT_EQ(channel.counters().clears, 0u);
}

TEST_F(PixelChannelTest, WP21_BacklogPastItsFramesIsClearedAndAKeyframeOwed) {
  channel.start();
  sink.reading = false;
  push(true);
  asked.clear();
  for (std::size_t i = 0; i < limits::kPixelBacklogFrames; ++i) push(false, 10);
  EXPECT_EQ(channel.backlog_frames(), 8u);
  EXPECT_FALSE(channel.waiting_for_keyframe());
  push(false, 10);
  EXPECT_TRUE(channel.waiting_for_keyframe());
  EXPECT_EQ(channel.backlog_frames(), 0u);
  EXPECT_EQ(channel.counters().clears, 1u);
  EXPECT_EQ(channel.counters().cleared, 9u);
  EXPECT_THAT(asked, IsEmpty()) << "not while the socket takes nothing";
  push(false);
  drain();
  EXPECT_THAT(asked, ElementsAre(KeyframeReason::Clear));
  drain();
  EXPECT_EQ(asked.size(), 1u) << "asked for once";
  sink.reading = true;
  push(false);
  push(true);
  push(false);
  EXPECT_EQ(sent(), "K1 K13 D14");
}

TEST_F(PixelChannelTest, WP21_BacklogPastItsBytesIsClearedAndAKeyframeOwed) {
  channel.start();
  sink.reading = false;
  push(true);
  push(false, limits::kPixelBacklogBytes - 1);
  push(false, 1);
  EXPECT_EQ(channel.counters().clears, 0u);
  push(false, 1);
  EXPECT_EQ(channel.counters().clears, 1u);
  EXPECT_TRUE(channel.waiting_for_keyframe());
}

TEST_F(PixelChannelTest, WP21_AFrameLargerThanTheLimitStillPasses) {
  channel.start();
  sink.reading = false;
  push(true);
  push(true, 3 * limits::kPixelBacklogBytes);
  EXPECT_EQ(channel.counters().clears, 0u);
  drain();
  EXPECT_EQ(sent(), "K1 K2");
}

TEST_F(PixelChannelTest, WP21_AKeyframeReplacesTheBacklog) {
  channel.start();
  sink.reading = false;
  push(true);
  push(false);
  push(false);
  push(true);
  push(false);
  EXPECT_EQ(channel.counters().superseded, 2u);
  sink.reading = true;
  drain();
  EXPECT_EQ(sent(), "K1 K4 D5");
  EXPECT_EQ(channel.counters().clears, 0u);
}

TEST_F(PixelChannelTest, WP21_AKeyframeThatComesWithoutAskingPaysTheDebt) {
  channel.start();
  sink.reading = false;
  push(true);
  asked.clear();
  for (int i = 0; i < 9; ++i) push(false);
  EXPECT_TRUE(channel.waiting_for_keyframe());
  push(true);
  drain();
  EXPECT_THAT(asked, IsEmpty());
  EXPECT_EQ(sent(), "K1 K11");
}

TEST_F(PixelChannelTest, WP21_RequestsAndChangesOfStreamGateUntilTheKeyframe) {
  channel.start();
  push(true);
  channel.request_keyframe();
  push(false);
  EXPECT_EQ(sent(), "K1");
  push(true);
  channel.start(KeyframeReason::CodecChange);
  push(false);
  push(true);
  EXPECT_EQ(sent(), "K3 K5");
  EXPECT_THAT(asked, ElementsAre(KeyframeReason::Join, KeyframeReason::Request, KeyframeReason::CodecChange));
}

TEST_F(PixelChannelTest, WP22_ASocketThatTakesLittleIsAskedForLess) {
  channel.start();
  push(true);
  EXPECT_FALSE(channel.is_full());
  sink.reading = false;
  push(false);
  EXPECT_TRUE(channel.is_full());
  const std::int64_t ceiling = channel.link().rate_bps();
  for (int i = 0; i < 20; ++i) {
    clock.advance(100ms);
    drain();
    push(false);
  }
  EXPECT_LT(channel.link().rate_bps(), ceiling / 10) << "one frame of some bytes in 100 ms is all that it took";
  channel.set_ceiling(20'000);
  EXPECT_EQ(channel.link().rate_bps(), 20'000);
}

TEST_F(PixelChannelTest, WP22_WhatIsNotedTellsTheRoundTrip) {
  channel.start();
  push(true);
  clock.advance(30ms);
  EXPECT_TRUE(channel.on_text(R"({"type":"presented","seq":0,"decode_ms":2,"present_ms":5})").has_value());
  EXPECT_EQ(channel.link().round_trip(), 23ms) << "but for the viewer's own part";
}

TEST_F(StillChannelTest, WP38_NoMoreStripsAreUnderWayThanTheLinkCarriesSoon) {
  channel.offer(still(1));
  EXPECT_EQ(sent_of_pictures(), "S0 S1");
  EXPECT_TRUE(arrived(1));
  EXPECT_EQ(sent_of_pictures(), "S2");
  EXPECT_TRUE(arrived(3)) << "and 2 before it";
  EXPECT_EQ(sent_of_pictures(), "S3 S4");
  EXPECT_FALSE(arrived(3)) << "heard already";
  EXPECT_FALSE(arrived(77));
  EXPECT_TRUE(arrived(5));
  EXPECT_EQ(sent_of_pictures(), "");
  EXPECT_EQ(channel.counters().strips, 5u);
}

TEST_F(StillChannelTest, WP38_TheNextPictureEndsIt) {
  channel.offer(still(1));
  show(2);
  EXPECT_EQ(sent_of_pictures(), "S0 S1 V2");
  EXPECT_TRUE(arrived(2));
  EXPECT_EQ(sent_of_pictures(), "");
  const SharedStill next = still(2);
  channel.offer(next);
  EXPECT_EQ(sent_of_pictures(), "S0 S1");
  show(2, true);
  channel.offer(next);
  EXPECT_EQ(sent_of_pictures(), "V2") << "the same picture again: goes on, and not anew";
  EXPECT_TRUE(arrived(5));
  EXPECT_EQ(sent_of_pictures(), "S2 S3");
}

TEST_F(StillChannelTest, WP38_StripsWaitForVideoForTheSocketAndForAViewerWhoLooks) {
  sink.reading = false;
  show(1);
  channel.offer(still(1));
  EXPECT_EQ(sent_of_pictures(), "V1");
  drain();
  EXPECT_EQ(sent_of_pictures(), "S0");
  EXPECT_TRUE(channel.on_text(R"({"type":"visible","value":false})").has_value());
  drain();
  EXPECT_EQ(sent_of_pictures(), "");
  EXPECT_TRUE(channel.on_text(R"({"type":"visible","value":true})").has_value());
  EXPECT_EQ(sent_of_pictures(), "S1");
}

TEST_F(StillChannelTest, WP38_WhoLostTheVideoGetsItAfterTheKeyframe) {
  const SharedStill made = still(1);
  channel.offer(made);
  EXPECT_EQ(sent_of_pictures(), "S0 S1");
  channel.request_keyframe();
  EXPECT_TRUE(arrived(2));
  channel.offer(made);
  EXPECT_EQ(sent_of_pictures(), "");
  show(1, true);
  channel.offer(made);
  EXPECT_EQ(sent_of_pictures(), "V1 S0 S1");
}

TEST_F(PixelChannelTest, WP38_WhoTakesNoWebpGetsNoStill) {
  channel.start();
  push(true);
  auto strip = std::make_shared<VideoPacket>(*packet(false));
  strip->codec = PixelCodec::Webp;
  strip->still = true;
  auto made = std::make_shared<Still>();
  made->strips.push_back(strip);
  channel.offer(made);
  EXPECT_FALSE(channel.takes_stills());
  EXPECT_EQ(sent(), "K1");
}

TEST_F(PixelChannelTest, WP22_NotesInformAndNeverGate) {
  channel.start();
  push(true);
  clock.advance(30ms);
  EXPECT_TRUE(channel.on_text(R"({"type":"presented","seq":0,"decode_ms":2,"present_ms":5})").has_value());
  EXPECT_EQ(channel.feedback().presented_seq, 0u);
  EXPECT_EQ(channel.feedback().decode_ms, 2);
  EXPECT_TRUE(channel.on_text(R"({"type":"visible","value":false})").has_value());
  EXPECT_FALSE(channel.feedback().visible);
  push(false);
  push(false);
  EXPECT_EQ(sent(), "K1 D2 D3") << "sending waits for nobody";
}

TEST_F(PixelChannelTest, WP22_NotesAreHeardTenTimesASecondAndOnlyAboutSentFrames) {
  channel.start();
  const auto presented = [&](std::uint32_t seq) {
    return channel.on_text(fmt::format(R"({{"type":"presented","seq":{},"decode_ms":1,"present_ms":1}})", seq))
        .has_value();
  };
  EXPECT_FALSE(presented(0)) << "nothing was sent yet";
  for (int i = 0; i < 5; ++i) push(i == 0);
  EXPECT_FALSE(presented(5));
  EXPECT_FALSE(presented(4294967295u));
  EXPECT_FALSE(channel.on_text("{").has_value());
  EXPECT_EQ(channel.counters().notes_refused, 4u);
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(presented(4));
    clock.advance(10ms);
  }
  EXPECT_GE(channel.counters().notes_skipped, 87u);
}

}  // namespace
}  // namespace ndcast::stream
