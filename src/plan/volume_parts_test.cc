#include "plan/volume_parts.h"

#include <cmath>

#include <gtest/gtest.h>

#include "base/limits.h"

namespace ndcast::plan {
namespace {

/// A cube of `side` voxels of 16 bits at the finest of `levels`, each half of the one before.
std::vector<VolumeGrid> cube(std::int64_t side, int levels) {
  std::vector<VolumeGrid> pyramid;
  for (int level = 0; level < levels; ++level) {
    VolumeGrid grid{.voxel_bytes = 2};
    for (std::size_t i = 0; i < 3; ++i) {
      grid.lattice[i] = {.image_axis = static_cast<int>(i),
                         .size = side >> level,
                         .chunk = 32,
                         .origin = std::exp2(level) * 0.5 - 0.5,
                         .step = std::exp2(level)};
    }
    pyramid.push_back(grid);
  }
  return pyramid;
}

/// From a corner on into a cube of this side, so that its far half is behind the centre.
VolumeLook into(double side, double distance) {
  return {.pose = {.center = {side / 2, side / 2, side / 2}, .angles = {35, 25, 0}, .distance = distance, .fov = 45},
          .canvas = {1280, 720, 1}};
}

std::int64_t bytes_of(const std::vector<VolumePart>& parts) {
  std::int64_t bytes = 0;
  for (const VolumePart& part : parts) bytes += voxels_of(part.box) * 2;
  return bytes;
}

TEST(VolumeParts, TheWholeWhereItFits) {
  const auto pyramid = cube(256, 3);
  const auto parts = volume_parts(pyramid, 0, into(256, 100), {});
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_EQ(parts[0], (VolumePart{0, whole_box(pyramid[0].lattice)}));
  EXPECT_EQ(voxels_held(pyramid[0], into(256, 100), false), 256 * 256 * 256);
}

TEST(VolumeParts, ElseTheMiddleOfItWithinACoarserWhole) {
  const auto pyramid = cube(4096, 6);
  const VolumeLook look = into(4096, 150);
  const auto parts = volume_parts(pyramid, 0, look, {});
  ASSERT_GE(parts.size(), 3U);
  EXPECT_EQ(parts.front().level, 0);
  EXPECT_EQ(parts.back(), (VolumePart{4, whole_box(pyramid[4].lattice)}));
  EXPECT_LE(parts.size(), kMostParts);
  EXPECT_LE(bytes_of(parts), limits::kVolumeBytes);
  EXPECT_EQ(voxels_of(parts.front().box), voxels_held(pyramid[0], look, true));
  for (std::size_t i = 1; i < parts.size(); ++i) {
    EXPECT_GT(parts[i].level, parts[i - 1].level);
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const auto world = [&](const VolumePart& part, std::int64_t voxel) {
        const LatticeAxis& lattice = pyramid[static_cast<std::size_t>(part.level)].lattice[axis];
        return lattice.origin + (static_cast<double>(voxel) - 0.5) * lattice.step;
      };
      const double slack = pyramid[static_cast<std::size_t>(parts[i].level)].lattice[axis].step;
      EXPECT_LE(world(parts[i], parts[i].box[axis].start), world(parts[i - 1], parts[i - 1].box[axis].start) + slack);
      EXPECT_GE(world(parts[i], parts[i].box[axis].stop), world(parts[i - 1], parts[i - 1].box[axis].stop) - slack);
    }
  }
}

TEST(VolumeParts, LayersShareTheMemory) {
  const auto pyramid = cube(4096, 6);
  VolumeLook look = into(4096, 60);
  const std::int64_t alone = bytes_of(volume_parts(pyramid, 0, look, {}));
  look.layers = 4;
  const auto shared = volume_parts(pyramid, 0, look, {});
  ASSERT_FALSE(shared.empty());
  EXPECT_LE(bytes_of(shared) * 4, limits::kVolumeBytes);
  EXPECT_LT(bytes_of(shared), alone);
}

TEST(VolumeParts, WhatIsHeldStaysWhileItServes) {
  const auto pyramid = cube(4096, 6);
  VolumeLook look = into(4096, 150);
  const auto held = volume_parts(pyramid, 0, look, {});
  look.pose.center[0] += 5;
  look.pose.angles[0] += 2;
  EXPECT_EQ(volume_parts(pyramid, 0, look, held), held);
  look.pose.center[0] += 500;
  EXPECT_NE(volume_parts(pyramid, 0, look, held), held);
}

TEST(VolumeParts, NothingOfUse) {
  const auto pyramid = cube(4096, 6);
  EXPECT_TRUE(volume_parts(pyramid, 0, into(4096, 8000), {}).empty());
  EXPECT_EQ(voxels_held(pyramid[0], into(4096, 8000), false), INT64_MAX);
  VolumeLook past = into(4096, 100);
  past.pose.center = {1e6, 0, 0};
  EXPECT_TRUE(volume_parts(pyramid, 0, past, {}).empty());
  const auto held = volume_parts(pyramid, 0, into(4096, 150), {});
  EXPECT_EQ(volume_parts(pyramid, 0, past, held).front(), held.front()) << "what is held is as good as anything";
}

TEST(VolumeParts, WhatCanBeHeldIsPlanned) {
  // The chooser asks with the bonus of a level that is held, also before anything is.
  const auto pyramid = cube(4096, 6);
  int planned = 0;
  for (double distance = 40; distance < 600; distance *= 1.05) {
    const VolumeLook look = into(4096, distance);
    for (const bool is_held : {false, true}) {
      if (voxels_held(pyramid[0], look, is_held) == INT64_MAX) continue;
      EXPECT_FALSE(volume_parts(pyramid, 0, look, {}).empty()) << "at " << distance;
      ++planned;
    }
  }
  EXPECT_GT(planned, 20);
}

TEST(VolumeParts, OfALevelWithoutCoarserOnesThePartAlone) {
  const auto pyramid = cube(4096, 1);
  const auto parts = volume_parts(pyramid, 0, into(4096, 150), {});
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_NE(parts[0].box, whole_box(pyramid[0].lattice));
}

}  // namespace
}  // namespace ndcast::plan
