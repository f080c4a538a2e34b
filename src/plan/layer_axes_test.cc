#include "plan/layer_axes.h"

#include <gtest/gtest.h>

#include "image/synthetic.h"

namespace ndcast::plan {
namespace {

std::shared_ptr<const image::Image> image_of(const std::vector<std::string>& axes,
                                             const std::vector<std::int64_t>& shape) {
  std::vector<std::int64_t> half = shape;
  for (std::int64_t& extent : half) extent = (extent + 1) / 2;
  return image::make_image(
      {image::make_array(image::DType::UInt8, shape, shape), image::make_array(image::DType::UInt8, half, half)}, axes);
}

scene::AxesSpec scene_of(const std::vector<std::int64_t>& sizes) {
  scene::AxesSpec axes;
  for (const std::int64_t size : sizes) axes.axes.push_back({"a", scene::AxisRole::Space, "", size, 0.0, 1.0});
  return axes;
}

TEST(LayerAxes, SplitChannelAxisIsLeftOut) {
  const auto image = image_of({"t", "c", "y", "x"}, {3, 2, 8, 8});
  const LayerAxes axes = layer_axes(*image, 1, 3);
  EXPECT_EQ(axes.image_axis, (std::vector<int>{0, 2, 3}));
  EXPECT_EQ(axes.channel_axis, 1);
  const scene::AxesSpec scene = scene_of({3, 8, 8});
  EXPECT_EQ(fixed_position(*image, 0, axes, scene, {2, 0, 0}), (std::vector<std::int64_t>{2, 1, 0, 0}));
}

TEST(LayerAxes, FewerAxesMatchFromTheLast) {
  const auto image = image_of({"y", "x"}, {8, 8});
  const LayerAxes axes = layer_axes(*image, std::nullopt, 4);
  EXPECT_EQ(axes.image_axis, (std::vector<int>{-1, -1, 0, 1}));
  const scene::AxesSpec scene = scene_of({5, 9, 8, 8});
  const LatticeAxis missing = lattice_axis(*image, 0, axes, scene, 1);
  EXPECT_EQ(missing.image_axis, -1);
  EXPECT_EQ(missing.size, 1);
  EXPECT_DOUBLE_EQ(missing.origin, 4.0);
  EXPECT_DOUBLE_EQ(missing.step, 9.0);
}

TEST(LayerAxes, APlacedLayerMovesAllItsLevels) {
  const auto image = image_of({"y", "x"}, {8, 8});
  const scene::AxesSpec scene = scene_of({8, 8});
  LayerAxes axes = layer_axes(*image, std::nullopt, 2);
  const LatticeAxis own = lattice_axis(*image, 1, axes, scene, 1);
  axes.scale = {1, 3};
  axes.translate = {0, 100};
  const LatticeAxis finest = lattice_axis(*image, 0, axes, scene, 1);
  EXPECT_DOUBLE_EQ(finest.origin, 100);
  EXPECT_DOUBLE_EQ(finest.step, 3);
  const LatticeAxis coarse = lattice_axis(*image, 1, axes, scene, 1);
  EXPECT_DOUBLE_EQ(coarse.step, 3 * own.step);
  EXPECT_DOUBLE_EQ(coarse.origin, 100 + 3 * own.origin) << "voxel centres of the levels keep lying over each other";
  EXPECT_DOUBLE_EQ(lattice_axis(*image, 0, axes, scene, 0).step, 1);
  axes.scale = {1, -1};
  EXPECT_DOUBLE_EQ(lattice_axis(*image, 0, axes, scene, 1).step, -1) << "mirrored";
}

TEST(LayerAxes, ASliderFindsAMovedLayersVoxel) {
  const auto image = image_of({"z", "y", "x"}, {8, 8, 8});
  const scene::AxesSpec scene = scene_of({8, 8, 8});
  LayerAxes axes = layer_axes(*image, std::nullopt, 3);
  axes.translate = {2, 0, 0};
  EXPECT_EQ(fixed_position(*image, 0, axes, scene, {5, 0, 0})[0], 3);
}

TEST(LayerAxes, NearestVoxelOfACoarserLevel) {
  const LatticeAxis coarse{.image_axis = 0, .size = 4, .origin = 0, .step = 2};
  EXPECT_EQ(nearest_voxel(coarse, 0), 0);
  EXPECT_EQ(nearest_voxel(coarse, 0.9), 0);
  EXPECT_EQ(nearest_voxel(coarse, 1.0), 1);
  EXPECT_EQ(nearest_voxel(coarse, 7), 3) << "clamped";
  EXPECT_EQ(nearest_voxel(coarse, -5), 0);
  // Centre-aligned metadata: level-1 voxel 0 lies between level-0 voxels 0 and 1.
  const LatticeAxis centred{.image_axis = 0, .size = 4, .origin = 0.5, .step = 2};
  EXPECT_EQ(nearest_voxel(centred, 1), 0);
  EXPECT_EQ(nearest_voxel(centred, 2), 1);
}

TEST(LayerAxes, VoxelsAroundAPlaceAreThoseWhoseCentresLieWithin) {
  const LatticeAxis axis{.image_axis = 0, .size = 10, .origin = 100, .step = 0.1};
  EXPECT_EQ(voxels_around(axis, 100.5, 0, 0), (Span{5, 6}));
  EXPECT_EQ(voxels_around(axis, 100.5, 0.2, 0.3), (Span{3, 9})) << "whole numbers of voxels, which are not exact";
  EXPECT_EQ(voxels_around(axis, 100.5, 0.19, 0.29), (Span{4, 8}));
  EXPECT_EQ(voxels_around(axis, 100.52, 0.01, 0.01), (Span{5, 6})) << "the nearest in any case";
  EXPECT_EQ(voxels_around(axis, 100.5, 1e9, 1e9), (Span{0, 10}));
  EXPECT_EQ(voxels_around(axis, 99, 0.5, 0.5), (Span{0, 1}));
  const LatticeAxis falling{.image_axis = 0, .size = 10, .origin = 100, .step = -0.5};
  EXPECT_EQ(voxels_around(falling, 98, 1, 0.5), (Span{3, 7}));
}

}  // namespace
}  // namespace ndcast::plan
