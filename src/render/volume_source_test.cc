#include "render/volume_source.h"

#include <gtest/gtest.h>

#include "render/test_scene.h"
#include "render/view_scene.h"

namespace ndcast::render {
namespace {

using scene::Mode;
using test::Shape;
using test::TestImage;
using test::TestScene;

ChunkFinder direct() {
  return [](const image::ZarrArray& array, std::span<const std::int64_t> chunk) { return *array.read_chunk(chunk); };
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
    source.aim(target);
    EXPECT_FALSE(source.complete());
    EXPECT_TRUE(source.volumes().empty()) << "nothing partial is shown";
    while (source.fetch(direct(), pool).stopped) {
    }
    ASSERT_TRUE(source.complete());
    const VolumeLevel& volume = *source.volumes()[0];
    EXPECT_EQ(volume.size[0], image.levels[0].shape[static_cast<std::size_t>(order[3])]);
    EXPECT_FALSE(volume.cells.empty());
    check_voxels(image, target, volume, 0, {2, 0, 0, 0});
  }
}

TEST(VolumeSource, CoarsestFirstThenTheWantedLevel) {
  const TestImage image({"z", "y", "x"}, {{{16, 16, 16}, {8, 8, 8}}, {{8, 8, 8}, {8, 8, 8}}, {{4, 4, 4}, {8, 8, 8}}});
  ThreadPool pool("test", 1);
  TestScene scene({image.image});
  VolumeSource source;
  source.aim(target_of(scene, {0, 1, 2}, 0));
  std::vector<image::ChunkRequest> requests;
  source.request(requests);
  ASSERT_EQ(requests.size(), 9U);
  EXPECT_EQ(requests[0].array, image.image->levels[2].array);
  EXPECT_GT(requests[0].priority, requests[1].priority);

  bool all = false;
  const ChunkFinder some = [&](const image::ZarrArray& array, std::span<const std::int64_t> chunk) -> image::ChunkPtr {
    if (!all && array.id() == image.image->levels[0].array->id() && chunk[0] == 1) return nullptr;
    return *array.read_chunk(chunk);
  };
  EXPECT_TRUE(source.fetch(some, pool).changed);
  EXPECT_EQ(source.level_shown(), 2);
  EXPECT_FALSE(source.complete());
  EXPECT_DOUBLE_EQ(source.volumes()[0]->step[0], 4.0);
  all = true;
  EXPECT_TRUE(source.fetch(some, pool).changed);
  EXPECT_TRUE(source.complete());
  EXPECT_EQ(source.level_shown(), 0);

  // Another level of the same place: this one stands in until it is there.
  source.aim(target_of(scene, {0, 1, 2}, 1));
  EXPECT_EQ(source.level_shown(), 0);
  EXPECT_FALSE(source.complete());
}

TEST(VolumeSource, TooLargeIsRefusedWithoutAllocating) {
  const TestImage image({"z", "y", "x"}, {{{1 << 20, 1 << 20, 1 << 20}, {64, 64, 64}}});
  TestScene scene({image.image});
  VolumeSource source;
  source.aim(target_of(scene, {0, 1, 2}, 0));
  EXPECT_TRUE(source.too_large());
  EXPECT_FALSE(source.complete());
  EXPECT_EQ(source.bytes(), 0U);
}

}  // namespace
}  // namespace ndcast::render
