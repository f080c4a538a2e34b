#include "plan/link_estimate.h"

#include <algorithm>
#include <deque>
#include <random>

#include <gtest/gtest.h>

namespace ndcast::plan {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using Kind = LinkEstimate::Kind;

constexpr std::int64_t kCeiling = 8'000'000;

/// A sender of 30 frames a second, a kernel that takes some bytes ahead of the link, a link with a queue in front, and
/// a viewer that notes ten times a second. Steps of a millisecond.
struct Path {
  double link_bps = 50e6;
  milliseconds one_way{10};
  double kernel_bytes = 16 * 1024;
  /// Of the link's own queue (a router's), in front of which the kernel holds the rest back.
  double router_bytes = 64 * 1024;
  bool notes = true;
  /// What a frame would take if it could.
  double wanted_bps = 20e6;

  LinkEstimate link{kCeiling};
  MonotonicTime now{seconds(1000)};

  struct Message {
    std::uint32_t seq;
    double left;  ///< bytes that the link has not carried yet
    MonotonicTime arrives{};
  };
  std::deque<Message> in_link{};
  std::deque<std::pair<std::uint32_t, MonotonicTime>> at_viewer{};  ///< and when the note is back
  double unsent = 0;                                                ///< bytes that the kernel did not take yet
  std::uint32_t next_seq = 0;
  MonotonicTime next_frame{};
  MonotonicTime last_note{};
  std::uint64_t carried = 0;
  nanoseconds worst_wait{};
  int frames = 0;

  double queued() const {
    double sum = 0;
    for (const Message& each : in_link) sum += each.left;
    return sum;
  }
  void send(double bytes, Kind kind) {
    link.on_sent(next_seq, static_cast<std::size_t>(bytes), kind, now);
    in_link.push_back({next_seq++, bytes});
    settle();
    ++frames;
  }
  void settle() {
    unsent = std::max(0.0, queued() - kernel_bytes - router_bytes);
    if (unsent == 0) link.on_drained(now);
  }
  void step() {
    double budget = link_bps / 8 / 1000;
    while (budget > 0 && !in_link.empty()) {
      Message& first = in_link.front();
      const double part = std::min(budget, first.left);
      first.left -= part;
      budget -= part;
      carried += static_cast<std::uint64_t>(part);
      if (first.left > 1e-9) break;
      const MonotonicTime arrives = now + one_way;
      if (notes && arrives - last_note >= milliseconds(100)) {
        last_note = arrives;
        at_viewer.emplace_back(first.seq, arrives + one_way);
      }
      in_link.pop_front();
    }
    if (unsent > 0) settle();
    while (!at_viewer.empty() && at_viewer.front().second <= now) {
      link.on_arrived(at_viewer.front().first, nanoseconds(0), now);
      worst_wait = std::max(worst_wait, link.queueing().value_or(nanoseconds(0)));
      at_viewer.pop_front();
    }
    now += milliseconds(1);
  }
  /// Moves: a frame each thirtieth of a second, unless the socket holds bytes of the one before.
  void move(milliseconds span) {
    const MonotonicTime end = now + span;
    carried = 0;
    worst_wait = {};
    frames = 0;
    while (now < end) {
      if (now >= next_frame && unsent == 0) {
        next_frame = now + nanoseconds(1'000'000'000 / 30);
        send(std::min(wanted_bps, static_cast<double>(link.rate_bps())) / 8 / 30, Kind::Frame);
      }
      step();
    }
  }
  /// Strips of a still, two under way at most.
  void rest(milliseconds span) {
    const MonotonicTime end = now + span;
    while (now < end) {
      if (in_link.size() + at_viewer.size() < 2) {
        last_note = {};
        send(40'000, Kind::Bulk);
      }
      step();
    }
  }
};

TEST(LinkEstimate, WhatFitsIsLeftAtTheCeiling) {
  Path path;
  path.move(seconds(20));
  EXPECT_EQ(path.link.rate_bps(), kCeiling);
  EXPECT_LT(path.worst_wait, milliseconds(20));
}

class LinkEstimateOf : public testing::TestWithParam<std::tuple<double, int, bool>> {};

TEST_P(LinkEstimateOf, ANarrowLinkIsUsedAndNotFilled) {
  const auto [megabits, one_way_ms, notes] = GetParam();
  Path path{.link_bps = megabits * 1e6, .one_way = milliseconds(one_way_ms), .notes = notes};
  path.move(seconds(5));
  path.move(seconds(20));
  const double used = 8.0 * static_cast<double>(path.carried) / 20;
  EXPECT_GT(used, 0.7 * path.link_bps) << path.link.rate_bps();
  EXPECT_LE(path.link.rate_bps(), 1.3 * path.link_bps);
  EXPECT_GT(path.frames, 20 * 24);
  // Kernel and router hold 80 KiB at worst; on average far less.
  // Kernel and router hold 80 KiB at worst, a full second at 0.6 Mbit/s; what is aimed at holds two frames.
  if (notes) {
    EXPECT_LT(path.worst_wait,
              milliseconds(150) + nanoseconds(static_cast<std::int64_t>(8e9 * 64 * 1024 / path.link_bps)));
  }
}

INSTANTIATE_TEST_SUITE_P(Links, LinkEstimateOf,
                         testing::Combine(testing::Values(0.5, 1.0, 2.0, 5.0), testing::Values(1, 20, 100),
                                          testing::Bool()));

TEST(LinkEstimate, AWiderLinkIsFoundAgain) {
  Path path{.link_bps = 1e6};
  path.move(seconds(10));
  ASSERT_LT(path.link.rate_bps(), 1'300'000);
  path.link_bps = 50e6;
  path.move(seconds(20));
  EXPECT_EQ(path.link.rate_bps(), kCeiling);
}

TEST(LinkEstimate, AStillShowsAtOnceThatTheLinkIsWide) {
  Path path{.link_bps = 1e6};
  path.move(seconds(10));
  path.link_bps = 50e6;
  path.move(milliseconds(100));
  path.rest(seconds(1));
  EXPECT_GT(path.link.rate_bps(), 5'000'000);
}

TEST(LinkEstimate, AStillSlowsNothingDown) {
  // A strip is 80 ms on this link, and two at a time fill half of it.
  Path path{.link_bps = 4e6, .one_way = milliseconds(100), .wanted_bps = 500'000};
  path.move(seconds(2));
  path.rest(seconds(5));
  EXPECT_EQ(path.link.rate_bps(), kCeiling);
}

TEST(LinkEstimate, ALongerPathIsNoNarrowerOne) {
  Path path{.link_bps = 20e6, .one_way = milliseconds(5)};
  path.move(seconds(5));
  path.one_way = milliseconds(120);
  path.move(seconds(20));
  EXPECT_GT(path.link.rate_bps(), kCeiling / 2);
}

TEST(LinkEstimate, WhoSendsLittleLearnsLittle) {
  Path path{.link_bps = 1e6};
  path.move(seconds(10));
  const std::int64_t before = path.link.rate_bps();
  path.wanted_bps = 50'000;
  path.move(milliseconds(2500));
  EXPECT_LE(path.link.rate_bps(), before * 11 / 10);
  // In the long run it tries.
  path.move(seconds(30));
  EXPECT_EQ(path.link.rate_bps(), kCeiling);
}

TEST(LinkEstimate, WhatTheViewerHoldsIsNotTheLinks) {
  LinkEstimate link(kCeiling);
  MonotonicTime now{seconds(1)};
  for (std::uint32_t i = 0; i < 100; ++i) {
    link.on_sent(i, 30'000, Kind::Frame, now);
    link.on_drained(now);
    // A slow page: 200 ms to decode and draw.
    now += milliseconds(100);
    link.on_arrived(i, milliseconds(i < 20 ? 0 : 90), now);
  }
  EXPECT_EQ(link.rate_bps(), kCeiling);
}

TEST(LinkEstimate, NotesOutOfOrderAreNoNegativeBytes) {
  LinkEstimate link(1'000'000);
  MonotonicTime now{seconds(1)};
  for (std::uint32_t i = 0; i < 60; ++i) {
    link.on_sent(i, 30'000, Kind::Bulk, now);
    link.on_drained(now);
    now += milliseconds(50);
    // Of every second strip only when the next one was noted long since.
    if (i > 3) link.on_arrived(i % 2 == 0 ? i : i - 3, nanoseconds(0), now);
    ASSERT_EQ(link.rate_bps(), 1'000'000);
  }
}

TEST(LinkEstimate, OneLargeMessageIsCountedOnce) {
  LinkEstimate link(kCeiling);
  MonotonicTime now{seconds(1)};
  link.on_sent(0, 1'000, Kind::Frame, now);
  link.on_drained(now);
  now += milliseconds(20);
  link.on_arrived(0, nanoseconds(0), now);
  // 100 kB in one second, while notes of before come in.
  link.on_sent(1, 100'000, Kind::Frame, now);
  for (int i = 0; i < 9; ++i) link.on_arrived(0, nanoseconds(0), now += milliseconds(100));
  link.on_drained(now += milliseconds(100));
  EXPECT_GT(link.rate_bps(), 600'000);
}

TEST(LinkEstimate, TheCeilingMoves) {
  LinkEstimate link(kCeiling);
  link.set_ceiling(1'000'000);
  EXPECT_EQ(link.rate_bps(), 1'000'000);
  link.set_ceiling(4'000'000);
  EXPECT_EQ(link.rate_bps(), 4'000'000) << "it was at the ceiling";
  link.set_ceiling(100'000);
  EXPECT_EQ(link.rate_bps(), 100'000) << "a ceiling below the least rate holds";
}

TEST(LinkEstimate, NotesOfLongAgoAndUnknownOnesTeachNothing) {
  LinkEstimate link(kCeiling);
  const MonotonicTime now{seconds(1)};
  link.on_arrived(7, nanoseconds(0), now);
  EXPECT_FALSE(link.round_trip());
  for (std::uint32_t i = 0; i < 1000; ++i) link.on_sent(i, 1000, Kind::Frame, now);
  link.on_arrived(3, nanoseconds(0), now);
  EXPECT_FALSE(link.round_trip());
  link.on_arrived(999, nanoseconds(0), now + milliseconds(4));
  EXPECT_EQ(link.round_trip(), milliseconds(4));
}

TEST(LinkEstimate, AnyLinkWhateverItDoesStaysWithinItsLimits) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  Path path;
  for (int i = 0; i < 60; ++i) {
    path.link_bps = std::uniform_real_distribution(1e5, 3e7)(random);
    path.one_way = milliseconds(std::uniform_int_distribution(0, 200)(random));
    path.notes = random() % 3 != 0;
    if (random() % 4 == 0) {
      path.rest(milliseconds(700));
    } else {
      path.move(milliseconds(700));
    }
    ASSERT_GE(path.link.rate_bps(), LinkEstimate::kLeastBps);
    ASSERT_LE(path.link.rate_bps(), kCeiling);
  }
}

}  // namespace
}  // namespace ndcast::plan
