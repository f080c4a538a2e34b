// Slow connections beside fast ones (WP40): who gets what, and that nobody waits for them. Time is the test's own.

#include "room/view_stream.h"

#include <gtest/gtest.h>

#include "stream/pixel_frame.h"
#include "transport/loopback.h"

namespace ndcast::room {
namespace {

class ViewStreamTest : public testing::Test {
 protected:
  /// A viewer whose connection takes a frame each `period`, or every one.
  struct Viewer {
    Viewer(ViewStreamTest& test, std::string name, bool extended)
        : session{std::move(name)},
          socket(test.stream_.make_socket({session, scene::kMainView, PixelSocket::Bound::ToSession}, 0,
                                          {.extended = extended})) {
      socket.pump();
    }
    void pump(MonotonicTime now) {
      if (period > 0ms) {
        socket.set_messages_per_pump(now >= takes_at ? 1 : 0);
        if (now >= takes_at) takes_at = now + period;
      } else {
        socket.set_messages_per_pump(std::nullopt);
      }
      socket.pump();
      for (const auto& message : socket.take_received()) {
        const auto frame = stream::parse_pixel_frame(message.bytes);
        ASSERT_TRUE(frame.has_value());
        EXPECT_EQ(frame->header.width, 640u) << "a frame of any size stands for the canvas";
        EXPECT_EQ(frame->header.height, 360u);
        EXPECT_EQ(frame->header.seq, frames) << "contiguous over a change of rendition";
        EXPECT_TRUE(frames > 0 || frame->header.keyframe);
        newest = frame->state ? frame->state->picture : 0;
        ++frames;
      }
    }
    session::SessionId session;
    transport::LoopbackPair socket;
    std::chrono::milliseconds period{0};
    MonotonicTime takes_at{};
    std::uint32_t frames = 0;
    std::uint32_t newest = 0;
  };

  Viewer& join(std::string name, bool extended = true) {
    return *viewers_.emplace_back(std::make_unique<Viewer>(*this, std::move(name), extended));
  }

  /// A picture each 33 ms, when the stream would take one; how many.
  int move(std::chrono::milliseconds span) {
    int made = 0;
    const MonotonicTime end = clock_.now() + span;
    for (auto next = clock_.now(); clock_.now() < end; clock_.advance(3ms)) {
      if (clock_.now() >= next && !busy_) {
        next = clock_.now() + 33ms;
        submit();
        ++made;
      }
      loop_.run_for(std::chrono::microseconds(150));
      for (const auto& viewer : viewers_) viewer->pump(clock_.now());
    }
    return made;
  }
  void submit() {
    auto picture = std::make_shared<render::Picture>();
    picture->width = 640;
    picture->height = 360;
    picture->rgba.assign(std::size_t{4} * 640 * 360, 7);
    stream_.submit({.view = scene::kMainView,
                    .picture = picture,
                    .canvas = {.width = 640, .height = 360},
                    .state = {},
                    .intent_time = clock_.now(),
                    .render_start = clock_.now(),
                    .render_end = clock_.now()});
  }
  bool has_half(const Viewer& viewer) const { return stream_.connection_of(viewer.session).half_size; }

  FakeClock clock_;
  transport::EventLoop loop_;
  std::atomic<bool> busy_ = false;
  double fps_limit_ = 0;
  ViewStream stream_{loop_,
                     clock_,
                     {.encoder = "null"},
                     {.on_config = [](const auto&) {},
                      .on_viewers = [](bool) {},
                      .on_busy = [this](bool busy) { busy_ = busy; },
                      .on_fps_limit = [this](double fps) { fps_limit_ = fps; }}};
  std::vector<std::unique_ptr<Viewer>> viewers_;
};

TEST_F(ViewStreamTest, WP40_ASlowConnectionGetsHalfTheSizeAndTakesNothingFromTheOthers) {
  Viewer& fast = join("fast");
  Viewer& slow = join("slow");
  slow.period = 150ms;
  move(2s);
  EXPECT_TRUE(has_half(slow));
  EXPECT_FALSE(has_half(fast));
  const auto [frames, took] = std::pair(fast.frames, slow.frames);
  const std::uint64_t encoded = stream_.counters().encoded;
  const int made = move(3s);
  EXPECT_GE(made, 80) << "rendering waits for nobody's connection";
  EXPECT_GE(fast.frames - frames, static_cast<std::uint32_t>(made) * 9 / 10);
  EXPECT_LE(fast.frames - frames, static_cast<std::uint32_t>(made) + 2) << "of one rendition alone";
  EXPECT_GE(slow.frames - took, 10u) << "it still moves";
  EXPECT_LE(stream_.counters().encoded - encoded, static_cast<std::uint32_t>(made) + slow.frames - took + 4)
      << "nothing is encoded for a socket that takes nothing";
  EXPECT_EQ(stream_.connection_of(fast.session).carries, 8'000'000);
  EXPECT_LT(stream_.connection_of(slow.session).carries, 1'000'000);
}

TEST_F(ViewStreamTest, WP40_WhoseConnectionRecoversGetsTheWholeSizeAgain) {
  join("fast");
  Viewer& slow = join("slow");
  slow.period = 150ms;
  move(2s);
  ASSERT_TRUE(has_half(slow));
  slow.period = 0ms;
  move(20s);
  EXPECT_FALSE(has_half(slow));
  EXPECT_EQ(viewers_[0]->newest, slow.newest);
}

TEST_F(ViewStreamTest, WP40_WhatNobodyTakesIsNotMade) {
  Viewer& alone = join("alone");
  move(500ms);
  const std::uint32_t before = alone.frames;
  alone.period = 10s;
  alone.takes_at = clock_.now() + 2s;
  const int made = move(1900ms);
  EXPECT_LE(made, 3) << "one with the socket, one that is encoded meanwhile";
  EXPECT_TRUE(busy_);
  alone.period = 0ms;
  move(500ms);
  EXPECT_FALSE(busy_);
  EXPECT_GE(alone.frames, before + 5) << "and it goes on at once";
}

TEST_F(ViewStreamTest, WP40_TheOriginalClientKeepsTheWholeSizeAndSlowsNobodyDown) {
  Viewer& fast = join("fast");
  Viewer& original = join("original", false);
  original.period = 200ms;
  move(2s);
  EXPECT_FALSE(has_half(original));
  const std::uint32_t before = fast.frames;
  const int made = move(2s);
  EXPECT_GE(made, 55);
  EXPECT_GE(fast.frames - before, static_cast<std::uint32_t>(made) * 9 / 10);
  EXPECT_TRUE(std::isinf(fps_limit_) || fps_limit_ == 0) << "nothing is limited";
}

TEST_F(ViewStreamTest, WP40_FewerFramesAreRenderedWhenAllAreSlow) {
  Viewer& alone = join("alone");
  alone.period = 150ms;
  move(4s);
  EXPECT_FALSE(has_half(alone)) << "so small a canvas is worth the least rate";
  EXPECT_NEAR(fps_limit_, 150'000 / (plan::kLeastBitsPerPixel * 640 * 360), 1e-9);
}

}  // namespace
}  // namespace ndcast::room
