// What a 3D view sees of a volume, against points thrown at it.

#include "plan/volume_box.h"

#include <cmath>
#include <numbers>
#include <random>

#include <gtest/gtest.h>

namespace ndcast::plan {
namespace {

using scene::Canvas;
using scene::VolumePose;

VolumeLattice lattice_of(std::array<std::int64_t, 3> size, std::array<double, 3> step, std::array<double, 3> origin,
                         std::int64_t chunk) {
  VolumeLattice lattice;
  for (std::size_t i = 0; i < 3; ++i) {
    lattice[i] = {
        .image_axis = static_cast<int>(i), .size = size[i], .chunk = chunk, .origin = origin[i], .step = step[i]};
  }
  return lattice;
}

/// Whether the middle of a voxel (z, y, x) is in the picture, by projecting it.
bool is_seen(const VolumeLattice& lattice, const std::array<std::int64_t, 3>& voxel, const VolumePose& pose,
             const Canvas& canvas) {
  std::array<double, 3> offset;  // x, y, z from the eye
  const double az = pose.angles[0] * std::numbers::pi / 180;
  const double el = pose.angles[1] * std::numbers::pi / 180;
  const double roll = pose.angles[2] * std::numbers::pi / 180;
  const std::array<double, 3> to_eye = {std::sin(az) * std::cos(el), -std::cos(az) * std::cos(el), std::sin(el)};
  for (std::size_t i = 0; i < 3; ++i) {
    const LatticeAxis& axis = lattice[2 - i];
    offset[i] =
        axis.origin + static_cast<double>(voxel[2 - i]) * axis.step - pose.center[i] - pose.distance * to_eye[i];
  }
  const auto along = [&](const std::array<double, 3>& v) {
    return offset[0] * v[0] + offset[1] * v[1] + offset[2] * v[2];
  };
  const std::array<double, 3> right = {std::cos(az), std::sin(az), 0};
  const std::array<double, 3> up = {-std::sin(az) * std::sin(el), std::cos(az) * std::sin(el), std::cos(el)};
  const double x = along(right) * std::cos(roll) - along(up) * std::sin(roll);
  const double y = along(up) * std::cos(roll) + along(right) * std::sin(roll);
  const double depth = -along(to_eye);
  const double half =
      pose.fov == 0 ? 0.5 * scene::height_at_center(pose) : depth * std::tan(pose.fov * std::numbers::pi / 360);
  if (pose.fov != 0 && depth <= 0) return false;
  return std::abs(y) <= half && std::abs(x) <= half * canvas.width / canvas.height;
}

TEST(VolumeBox, HoldsWhatIsSeenAndLittleMore) {
  const unsigned seed = 4711;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const auto between = [&](double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random);
  };
  int tight = 0;
  for (int round = 0; round < 300; ++round) {
    SCOPED_TRACE(round);
    const std::array<std::int64_t, 3> size = {20 + static_cast<std::int64_t>(between(0, 40)), 30, 25};
    const VolumeLattice lattice = lattice_of(size, {between(0.5, 2), between(0.5, 2) * (round % 5 == 0 ? -1 : 1), 1},
                                             {between(-9, 9), between(-9, 9), 0}, 8);
    VolumePose pose{.angles = {between(-180, 180), between(-89, 89), between(-180, 180)}, .fov = between(10, 100)};
    for (std::size_t i = 0; i < 3; ++i) {
      const LatticeAxis& axis = lattice[2 - i];
      pose.center[i] = axis.origin + axis.step * static_cast<double>(axis.size) * between(-0.2, 1.2);
    }
    pose.distance = between(2, 80);
    if (round % 4 == 0) pose.fov = 0;
    const Canvas canvas{640, 360, 1};
    const VolumeBox box = visible_box(lattice, pose, canvas);
    VolumeBox seen{Span{1000, 0}, Span{1000, 0}, Span{1000, 0}};
    for (std::int64_t z = 0; z < size[0]; ++z) {
      for (std::int64_t y = 0; y < size[1]; ++y) {
        for (std::int64_t x = 0; x < size[2]; ++x) {
          if (!is_seen(lattice, {z, y, x}, pose, canvas)) continue;
          const std::array<std::int64_t, 3> voxel = {z, y, x};
          for (std::size_t i = 0; i < 3; ++i) {
            seen[i] = {std::min(seen[i].start, voxel[i]), std::max(seen[i].stop, voxel[i] + 1)};
          }
        }
      }
    }
    if (voxels_of(seen) == 0) continue;
    ASSERT_TRUE(covers(box, seen)) << "what is seen is held";
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_GE(box[i].start, 0);
      EXPECT_LE(box[i].stop, size[i]);
      tight += box[i].start >= seen[i].start - 5 && box[i].stop <= seen[i].stop + 5 ? 1 : 0;
    }
  }
  EXPECT_GT(tight, 700) << "boxes are no larger than they have to be";
}

TEST(VolumeBox, IsEmptyWhenTheViewMisses) {
  const VolumeLattice lattice = lattice_of({10, 10, 10}, {1, 1, 1}, {0, 0, 0}, 4);
  VolumePose pose{.center = {5, 5, 5}, .angles = {0, 0, 0}, .distance = 20, .fov = 40};
  EXPECT_EQ(visible_box(lattice, pose, {100, 100, 1}), whole_box(lattice));
  pose.center = {500, 5, 5};
  EXPECT_EQ(voxels_of(visible_box(lattice, pose, {100, 100, 1})), 0);
  pose.fov = 0;
  EXPECT_EQ(voxels_of(visible_box(lattice, pose, {100, 100, 1})), 0);
}

TEST(VolumeBox, MovesOnlyWhenItMust) {
  const VolumeLattice lattice = lattice_of({256, 256, 256}, {1, 1, 1}, {0, 0, 0}, 16);
  const VolumeBox visible = {Span{100, 164}, Span{100, 164}, Span{0, 64}};
  const VolumeBox first = next_box(lattice, visible, visible, std::nullopt);
  EXPECT_EQ(first, (VolumeBox{Span{96, 176}, Span{96, 176}, Span{0, 64}}));
  const auto next = [&](const VolumeBox& wanted, const VolumeBox& needed) {
    return next_box(lattice, wanted, needed, first);
  };
  const VolumeBox beside = {Span{108, 172}, Span{98, 150}, Span{0, 64}};
  EXPECT_EQ(next(beside, beside), first) << "still covered";
  const VolumeBox far = {Span{140, 204}, Span{100, 164}, Span{0, 64}};
  EXPECT_EQ(next(far, far), (VolumeBox{Span{128, 208}, Span{96, 176}, Span{0, 64}}));
  EXPECT_EQ(next(far, {Span{140, 170}, Span{100, 164}, Span{0, 64}}), first) << "what is needed is covered";
  const VolumeBox little = {Span{110, 120}, Span{110, 120}, Span{0, 10}};
  EXPECT_NE(next(little, little), first) << "far too large by now";
}

TEST(VolumeBox, OfADepthAboutTheCentre) {
  const VolumeLattice lattice = lattice_of({200, 200, 200}, {1, 1, 1}, {0, 0, 0}, 8);
  // Looks along y; at the centre the picture is 40 high and 80 wide.
  VolumePose pose{.center = {100, 100, 100},
                  .angles = {0, 0, 0},
                  .distance = 100,
                  .fov = 2 * 180 / std::numbers::pi * std::atan(0.2)};
  const Canvas canvas{200, 100, 1};
  const VolumeBox slab = visible_box(lattice, pose, canvas, 10);
  // z, y, x; the far end is a tenth larger; the margins are 2 voxels, the ends whole voxels.
  EXPECT_NEAR(slab[0].start, 100 - 22 - 2, 1);
  EXPECT_NEAR(slab[0].stop, 100 + 22 + 3, 1);
  EXPECT_NEAR(slab[1].start, 90 - 2, 1);
  EXPECT_NEAR(slab[1].stop, 110 + 3, 1);
  EXPECT_NEAR(slab[2].start, 100 - 44 - 2, 1);
  EXPECT_NEAR(slab[2].stop, 100 + 44 + 3, 1);
  EXPECT_EQ(visible_box(lattice, pose, canvas, 1e9), visible_box(lattice, pose, canvas));
  pose.fov = 0;
  const VolumeBox beam = visible_box(lattice, pose, canvas, 10);
  EXPECT_NEAR(beam[1].size(), 25, 2);
}

TEST(VolumeBox, TheFocusIsAsDeepAsFits) {
  const VolumeLattice lattice = lattice_of({4000, 4000, 4000}, {1, 1, 1}, {0, 0, 0}, 16);
  const Canvas canvas{640, 360, 1};
  VolumePose pose{.center = {2000, 2000, 2000}, .angles = {30, 20, 10}, .distance = 120, .fov = 40};
  std::int64_t before = 0;
  for (const std::int64_t most : {std::int64_t{16} << 20, std::int64_t{40} << 20, std::int64_t{160} << 20}) {
    const Focus focus = focus_of(lattice, pose, canvas, most);
    const std::int64_t held = voxels_of(next_box(lattice, focus.wanted, focus.needed, std::nullopt));
    EXPECT_LE(held, most);
    EXPECT_GT(held, most / 2) << "no less than would fit";
    EXPECT_TRUE(covers(focus.wanted, focus.needed));
    EXPECT_GT(held, before);
    before = held;
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_TRUE(focus.needed[i].start < 2000 && focus.needed[i].stop > 2000) << "the centre is in it";
    }
  }
  EXPECT_EQ(voxels_of(focus_of(lattice, pose, canvas, 1 << 20).wanted), 0) << "too thin to be of use";
  pose.distance = 0;
  EXPECT_EQ(voxels_of(focus_of(lattice, pose, canvas, 1 << 20).wanted), 0);
  pose.distance = 10;
  const Focus all = focus_of(lattice_of({40, 40, 40}, {1, 1, 1}, {1980, 1980, 1980}, 16), pose, canvas, 1 << 20);
  EXPECT_EQ(all.wanted, all.needed);
}

}  // namespace
}  // namespace ndcast::plan
