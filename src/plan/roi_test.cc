#include "plan/roi.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace ndcast::plan {
namespace {

// The original's vector (facts §6.4): canvas 100×80, level (80, 100), scale (2, 4), chunks (4, 5).
const PlaneLattice kLattice{{.image_axis = 1, .size = 80, .chunk = 4, .origin = 0, .step = 2},
                            {.image_axis = 2, .size = 100, .chunk = 5, .origin = 0, .step = 4}};
// Its world began at the outer edge of voxel 0, ours at its centre.
const std::array<double, 4> kRect{-2, -1, 100, 80};

TEST(Roi, OriginalVectors) {
  const Roi visible = visible_roi(kLattice, kRect);
  EXPECT_EQ(visible, (Roi{{0, 40}, {0, 25}}));
  EXPECT_EQ(aligned_roi(kLattice, visible, 1), (Roi{{0, 44}, {0, 30}}));
}

TEST(Roi, TouchesPartOfAVoxel) { EXPECT_EQ(visible_roi(kLattice, {1.9, 1.1, 0.2, 0.2}), (Roi{{1, 2}, {0, 2}})); }

TEST(Roi, MarginGrowsWithinTheLevel) { EXPECT_EQ(visible_roi(kLattice, kRect, 1), (Roi{{0, 41}, {0, 26}})); }

TEST(Roi, MissesTheLevel) {
  EXPECT_TRUE(visible_roi(kLattice, {-50, 0, 40, 40}).empty());
  EXPECT_TRUE(visible_roi(kLattice, {0, 160, 40, 40}).empty());
  EXPECT_TRUE(chunks_of(kLattice, Roi{}).empty());
}

TEST(Roi, NegativeStepCountsBackwards) {
  PlaneLattice lattice = kLattice;
  lattice.x.step = -4;
  lattice.x.origin = 396;  // voxel 99 at world 0
  EXPECT_EQ(visible_roi(lattice, {-2, -1, 8, 4}), (Roi{{0, 2}, {98, 100}}));
}

TEST(Roi, FarAwayNumbersDoNotOverflow) {
  const Roi all = visible_roi(kLattice, {-1e300, -1e300, 2e300, 2e300});
  EXPECT_EQ(all, (Roi{{0, 80}, {0, 100}}));
}

TEST(Roi, HeldRangeMovesOnlyWhenItMust) {
  const Roi first = next_roi(kLattice, {{1, 7}, {1, 9}}, std::nullopt);
  EXPECT_EQ(first, (Roi{{0, 8}, {0, 10}}));
  EXPECT_EQ(next_roi(kLattice, {{2, 8}, {2, 10}}, first), first);
  EXPECT_EQ(next_roi(kLattice, {{2, 9}, {2, 10}}, first), (Roi{{0, 12}, {0, 10}}));
}

TEST(Roi, HeldRangeShrinksWhenItIsMuchTooLarge) {
  EXPECT_EQ(next_roi(kLattice, {{1, 2}, {1, 2}}, Roi{{0, 80}, {0, 100}}), (Roi{{0, 4}, {0, 5}}));
}

TEST(Roi, LimitCutsAroundTheMiddle) {
  const Roi cut = limited_roi({{0, 1000}, {0, 2000}}, 20'000);
  EXPECT_LE(cut.voxels(), 20'000);
  EXPECT_GE(cut.voxels(), 19'000);
  EXPECT_NEAR(static_cast<double>(cut.y.start + cut.y.stop), 1000, 2);
  EXPECT_EQ(limited_roi({{0, 1}, {0, 2000}}, 100).x.size(), 100);
}

TEST(Roi, OversamplingIsTheLargerDirection) {
  EXPECT_DOUBLE_EQ(oversampling(kLattice, kRect, {100, 80, 1}), 0.5);
  EXPECT_DOUBLE_EQ(oversampling(kLattice, kRect, {25, 80, 1}), 1.0);
  EXPECT_DOUBLE_EQ(oversampling(kLattice, {1e6, 1e6, 1, 1}, {100, 80, 1}), 1.0) << "a miss counts the whole plane";
}

TEST(Chunks, MiddleFirst) {
  const std::vector<ChunkCell> cells = chunks_of(kLattice, {{0, 12}, {0, 15}});
  ASSERT_EQ(cells.size(), 9U);
  EXPECT_EQ(cells.front().y, 1);
  EXPECT_EQ(cells.front().x, 1);
  EXPECT_EQ(cells.front().priority, 0);
  EXPECT_LT(cells.back().priority, cells[1].priority);
}

TEST(Chunks, CountStaysUnderTheLimit) {
  const PlaneLattice huge{{.image_axis = 0, .size = 1 << 20, .chunk = 1},
                          {.image_axis = 1, .size = 1 << 20, .chunk = 1}};
  EXPECT_LE(chunks_of(huge, {{0, 1 << 20}, {0, 1 << 20}}).size(), limits::kWantedChunks);
}

}  // namespace
}  // namespace ndcast::plan
