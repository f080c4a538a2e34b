#include "plan/prefetch.h"

#include <gtest/gtest.h>

namespace ndcast::plan {
namespace {

using Index = std::vector<std::int64_t>;
const Index kSizes = {20, 100, 512, 512};

/// The motion after these positions of axis 1, and where it leads from the last.
std::vector<std::int64_t> ahead_of(const Index& positions, Motion* last = nullptr) {
  Motion motion;
  for (std::size_t i = 1; i < positions.size(); ++i) {
    motion = next_motion(motion, {3, positions[i - 1], 0, 0}, {3, positions[i], 0, 0}, kSizes);
  }
  if (last) *last = motion;
  std::vector<std::int64_t> out;
  for (const Index& place : places_ahead(motion, {3, positions.back(), 0, 0}, kSizes)) {
    EXPECT_EQ(place[0], 3);
    out.push_back(place[1]);
  }
  return out;
}

TEST(Prefetch, GoesOnTheWayItWent) {
  EXPECT_EQ(ahead_of({10}), (Index{}));
  EXPECT_EQ(ahead_of({10, 11}), (Index{12, 13, 10}));
  EXPECT_EQ(ahead_of({10, 11, 12}), (Index{13, 14, 15, 11}));
  EXPECT_EQ(ahead_of({12, 11, 10}), (Index{9, 8, 7, 11}));
  EXPECT_EQ(ahead_of({10, 15, 20}), (Index{25, 30, 35, 15})) << "as far apart as the last two";
  EXPECT_EQ(ahead_of({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}).size(), 9U);
}

TEST(Prefetch, ATurnBeginsAnew) { EXPECT_EQ(ahead_of({10, 11, 12, 13, 12}), (Index{11, 10, 13})); }

TEST(Prefetch, StaysInsideTheAxis) {
  EXPECT_EQ(ahead_of({97, 98}), (Index{99, 97}));
  EXPECT_EQ(ahead_of({98, 99}), (Index{98}));
  EXPECT_EQ(ahead_of({1, 0}), (Index{1}));
}

TEST(Prefetch, AnAxisThatCameRoundComesRoundAgain) {
  Motion motion;
  EXPECT_EQ(ahead_of({96, 97, 98, 99, 0}, &motion), (Index{1, 2, 3, 4, 5, 99}));
  EXPECT_TRUE(motion.wraps);
  Motion again = motion;
  for (std::int64_t at = 1; at < 98; ++at) again = next_motion(again, {3, at - 1, 0, 0}, {3, at, 0, 0}, kSizes);
  const auto places = places_ahead(again, {3, 97, 0, 0}, kSizes);
  ASSERT_GE(places.size(), 4U);
  EXPECT_EQ(places[2][1], 0);
  EXPECT_EQ(places[3][1], 1);
}

TEST(Prefetch, JumpsSayNothing) {
  EXPECT_EQ(ahead_of({10, 11, 90}), (Index{}));
  const Motion motion{1, 1, 5, false};
  EXPECT_EQ(next_motion(motion, {3, 5, 0, 0}, {4, 6, 0, 0}, kSizes), Motion{}) << "two sliders at once";
  EXPECT_EQ(next_motion(motion, {3, 5, 0, 0}, {3, 5, 0, 0}, kSizes), motion) << "no move";
  EXPECT_EQ(next_motion(motion, {3, 5}, {3, 5, 0, 0}, kSizes), Motion{}) << "another image";
  EXPECT_TRUE(places_ahead({7, 1, 1, false}, {0, 0}, {1, 1}).empty());
}

}  // namespace
}  // namespace ndcast::plan
