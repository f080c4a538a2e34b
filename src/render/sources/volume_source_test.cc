#include "render/sources/volume_source.h"

#include <array>
#include <cmath>
#include <cstring>

#include <gtest/gtest.h>

#include "base/limits.h"
#include "render/engine/test_scene.h"
#include "render/engine/view_scene.h"

namespace ndcast::render {
namespace {

using scene::Mode;
using test::Shape;
using test::TestImage;
using test::TestScene;

const plan::VolumeLook kFromAfar{{.center = {8, 8, 8}, .distance = 1e9, .fov = 60}, {640, 360, 1}};

ChunkFinder direct() {
  return [](const image::ZarrArray& array, std::span<const std::int64_t> chunk) { return *array.read_chunk(chunk); };
}

/// Until nothing is left to copy; whether what is shown changed.
bool fetch_all(VolumeSource& source, const ChunkFinder& find, ThreadPool& pool) {
  bool changed = false;
  SourceProgress progress;
  do {
    progress = source.fetch(find, pool);
    changed = changed || progress.changed;
  } while (progress.stopped);
  return changed;
}

/// The first layer of a 3D view of the scene in that order, at `level`.
LayerTarget target_of(TestScene& scene, std::vector<int> order, int level) {
  scene.set_mode(Mode::Volume);
  const scene::SnapshotPtr snapshot = scene.set_order(std::move(order));
  RenderTxn txn;
  txn.apply(*snapshot, *snapshot->find_view(scene::kMainView));
  LayerTarget target = *layer_target(txn.view(), *snapshot->layers[0], *scene.images());
  target.level = level;
  return target;
}

void check_voxels(const TestImage& image, const LayerTarget& target, const VolumeLevel& volume, int level,
                  Shape voxel) {
  for (int z = 0; z < volume.size[2]; ++z) {
    for (int y = 0; y < volume.size[1]; ++y) {
      for (int x = 0; x < volume.size[0]; ++x) {
        voxel[static_cast<std::size_t>(target.displayed[0])] = z;
        voxel[static_cast<std::size_t>(target.displayed[1])] = y;
        voxel[static_cast<std::size_t>(target.displayed[2])] = x;
        std::uint16_t value = 0;
        const std::ptrdiff_t at = (static_cast<std::ptrdiff_t>(z) * volume.size[1] + y) * volume.size[0] + x;
        std::memcpy(&value, volume.data + 2 * at, 2);
        ASSERT_EQ(value, image.value(level, voxel)) << "at " << x << ", " << y << ", " << z;
      }
    }
  }
}

TEST(VolumeSource, HoldsTheWholeLevelAlongAnyOrder) {
  const TestImage image({"t", "z", "y", "x"}, {{{3, 9, 14, 11}, {1, 4, 5, 6}}});
  ThreadPool pool("test", 2);
  for (const std::vector<int>& order : {std::vector<int>{0, 1, 2, 3}, {0, 3, 2, 1}, {0, 2, 3, 1}}) {
    TestScene scene({image.image});
    scene.set_index(0, 2);
    const LayerTarget target = target_of(scene, order, 0);
    VolumeSource source;
    source.aim(target, kFromAfar);
    EXPECT_FALSE(source.complete());
    EXPECT_TRUE(source.volumes().empty()) << "nothing partial is shown";
    fetch_all(source, direct(), pool);
    ASSERT_TRUE(source.complete());
    const VolumeLevel& volume = *source.volumes()[0];
    EXPECT_EQ(volume.size[0], image.levels[0].shape[static_cast<std::size_t>(order[3])]);
    EXPECT_FALSE(volume.cells.empty());
    check_voxels(image, target, volume, 0, {2, 0, 0, 0});
  }
}

TEST(VolumeSource, ACoarseOneFirstThenTheWantedLevel) {
  const TestImage image({"z", "y", "x"}, {{{16, 16, 16}, {8, 8, 8}}, {{8, 8, 8}, {8, 8, 8}}, {{4, 4, 4}, {8, 8, 8}}});
  ThreadPool pool("test", 1);
  TestScene scene({image.image});
  VolumeSource source;
  source.aim(target_of(scene, {0, 1, 2}, 0), kFromAfar);
  std::vector<image::ChunkRequest> requests;
  source.request(requests);
  ASSERT_EQ(requests.size(), 9U);
  EXPECT_EQ(requests[0].array, image.image->levels[1].array) << "the finest of the small ones";
  EXPECT_GT(requests[0].priority, requests[1].priority);

  bool all = false;
  const ChunkFinder some = [&](const image::ZarrArray& array, std::span<const std::int64_t> chunk) -> image::ChunkPtr {
    if (!all && array.id() == image.image->levels[0].array->id() && chunk[0] == 1) return nullptr;
    return *array.read_chunk(chunk);
  };
  EXPECT_TRUE(fetch_all(source, some, pool));
  EXPECT_EQ(source.level_shown(), 1);
  EXPECT_FALSE(source.complete());
  EXPECT_DOUBLE_EQ(source.volumes()[0]->step[0], 2.0);
  all = true;
  EXPECT_TRUE(fetch_all(source, some, pool));
  EXPECT_TRUE(source.complete());
  EXPECT_EQ(source.level_shown(), 0);

  // Another level of the same place: this one stands in until it is there.
  source.aim(target_of(scene, {0, 1, 2}, 1), kFromAfar);
  EXPECT_EQ(source.level_shown(), 0);
  EXPECT_FALSE(source.complete());
}

TEST(VolumeSource, TooLargeIsRefusedWithoutAllocating) {
  const TestImage image({"z", "y", "x"}, {{{1 << 20, 1 << 20, 1 << 20}, {64, 64, 64}}});
  TestScene scene({image.image});
  VolumeSource source;
  source.aim(target_of(scene, {0, 1, 2}, 0), kFromAfar);
  EXPECT_TRUE(source.too_large());
  EXPECT_FALSE(source.complete());
  EXPECT_EQ(source.bytes(), 0U);
}

/// Voxels of a box that lies anywhere in the level.
void check_box(const TestImage& image, const VolumeLevel& volume, int level) {
  std::array<std::int64_t, 3> first;  // z, y, x
  for (std::size_t i = 0; i < 3; ++i) first[i] = std::llround(volume.origin[2 - i] / volume.step[2 - i]);
  for (int z = 0; z < volume.size[2]; z += 3) {
    for (int y = 0; y < volume.size[1]; y += 3) {
      for (int x = 0; x < volume.size[0]; x += 3) {
        std::uint16_t value = 0;
        const std::ptrdiff_t at = (static_cast<std::ptrdiff_t>(z) * volume.size[1] + y) * volume.size[0] + x;
        std::memcpy(&value, volume.data + 2 * at, 2);
        const Shape voxel = {first[0] + z, first[1] + y, first[2] + x};
        ASSERT_EQ(value, image.value(level, voxel));
      }
    }
  }
}

TEST(VolumeSource, OfALevelThatIsTooLargeWhatTheViewSees) {
  // 2 Gi voxels, of which nobody holds more than a box.
  const TestImage image({"z", "y", "x"}, {{{1280, 1280, 1280}, {64, 64, 64}}, {{80, 80, 80}, {64, 64, 64}}});
  ThreadPool pool("test", 2);
  TestScene scene({image.image});
  const LayerTarget target = target_of(scene, {0, 1, 2}, 0);
  const scene::Canvas canvas{640, 360, 1};
  const auto look_at = [&](double x) {
    return plan::VolumeLook{{.center = {x, 600, 600}, .angles = {0, 0, 0}, .distance = 30, .fov = 0}, canvas};
  };
  const scene::VolumePose from_afar{.center = {640, 640, 640}, .distance = 2000, .fov = 60};
  EXPECT_EQ(VolumeSource::sizes(target, {from_afar, canvas}, 0)[0].voxels, INT64_MAX);
  const std::int64_t seen = VolumeSource::sizes(target, look_at(300), 0)[0].voxels;
  EXPECT_LE(seen, limits::kFocusVoxels * 5 / 4);

  VolumeSource source;
  source.aim(target, look_at(300));
  fetch_all(source, direct(), pool);
  ASSERT_TRUE(source.complete());
  EXPECT_EQ(source.level_shown(), 0);
  EXPECT_LT(source.bytes(), std::size_t{2} * 3 * limits::kFocusVoxels);
  check_box(image, *source.volumes()[0], 0);
  const auto held = source.volumes()[0];
  source.aim(target, look_at(302));
  EXPECT_TRUE(source.complete()) << "a small movement asks for nothing";
  EXPECT_EQ(source.volumes()[0], held);

  source.aim(target, look_at(900));
  EXPECT_FALSE(source.complete());
  EXPECT_EQ(source.volumes().back()->size[0], 80) << "the whole, coarse, until the new box is in";
  // What the old box has in common with the new one is taken over first, then the rest is asked for.
  const ChunkFinder nothing = [](const image::ZarrArray&, std::span<const std::int64_t>) { return image::ChunkPtr(); };
  fetch_all(source, nothing, pool);
  std::vector<image::ChunkRequest> requests;
  source.request(requests);
  EXPECT_GT(requests.size(), 10U);
  fetch_all(source, direct(), pool);
  EXPECT_EQ(source.level_shown(), 0);
  check_box(image, *source.volumes()[0], 0);
}

}  // namespace
}  // namespace ndcast::render
