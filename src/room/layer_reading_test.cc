// Which level lines (WP41) and boxes (WP42) are read on, with images made in memory.

#include <gtest/gtest.h>

#include "base/reading_limits.h"
#include "image/synthetic.h"
#include "room/layer_profile.h"
#include "room/layer_region.h"

namespace ndcast::room {
namespace {

using image::DType;

/// Of one axis per size, one unit a voxel.
PlacedLayer layer_of(std::vector<std::shared_ptr<const image::ZarrArray>> levels, std::vector<std::string> axes) {
  const auto shape = levels.front()->shape();
  scene::AxesSpec spec;
  for (std::size_t i = 0; i < axes.size(); ++i) spec.axes.push_back({.label = axes[i], .size = shape[i], .step = 1});
  const auto image = image::make_image(std::move(levels), axes);
  return {scene::LayerId{"layer"},
          "nuclei",
          {image, plan::layer_axes(*image, std::nullopt, static_cast<int>(axes.size())), spec}};
}

std::shared_ptr<const image::ZarrArray> empty(std::vector<std::int64_t> shape, std::vector<std::int64_t> chunk) {
  return image::make_array(DType::UInt8, shape, chunk);
}

class LayerReadingTest : public ::testing::Test {
 protected:
  image::ChunkLoader loader_{std::make_shared<image::ChunkCache>(std::size_t{64} << 20), 1};
};

TEST_F(LayerReadingTest, WP41_ALongLineIsReadCoarser) {
  const PlacedLayer layer = layer_of({empty({4, 10'000}, {4, 100}), empty({4, 5'000}, {4, 100}),
                                      empty({4, 2'500}, {4, 100}), empty({4, 1'250}, {4, 100})},
                                     {"y", "x"});
  const auto at = [&](double length) {
    const auto seen = profile_layers({layer}, {.from = {1, 0}, .to = {1, length}}, loader_);
    EXPECT_TRUE(seen);
    return std::pair(seen->layers[0].level, seen->samples);
  };
  EXPECT_EQ(at(100), (std::pair{0, std::size_t{101}}));
  EXPECT_EQ(at(2047), (std::pair{0, limits::kProfileSamples}));
  EXPECT_EQ(at(2048), (std::pair{1, std::size_t{1025}}));
  EXPECT_EQ(at(9'000), (std::pair{3, std::size_t{1126}}));
}

TEST_F(LayerReadingTest, WP41_ALineThroughTooMuchIsReadCoarserOrRefused) {
  // A chunk is a mebibyte; the line goes through each of them.
  const auto fine = empty({1024, 300}, {1024, 1'024});
  const auto wide = empty({std::int64_t{1} << 20, 300}, {1 << 20, 1});
  const PlacedLayer mended = layer_of({wide, fine}, {"y", "x"});
  const auto seen = profile_layers({mended}, {.from = {1, 0}, .to = {1, 299}}, loader_);
  ASSERT_TRUE(seen) << seen.error().message;
  EXPECT_EQ(seen->layers[0].level, 1);
  const auto refused = profile_layers({layer_of({wide}, {"y", "x"})}, {.from = {1, 0}, .to = {1, 299}}, loader_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "of \"nuclei\" the line goes through more than 256 MiB: expected a shorter one");
  EXPECT_TRUE(profile_layers({layer_of({wide}, {"y", "x"})}, {.from = {1, 0}, .to = {1, 99}}, loader_));
}

TEST_F(LayerReadingTest, WP41_SamplesAreAsDenseAsTheFinestLayersVoxels) {
  const PlacedLayer fine = layer_of({empty({4, 100}, {4, 100})}, {"y", "x"});
  PlacedLayer coarse = layer_of({empty({4, 10}, {4, 10})}, {"y", "x"});
  coarse.place.axes.scale = {1, 10};
  const auto seen = profile_layers({fine, coarse}, {.from = {1, 0}, .to = {1, 90}}, loader_);
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->samples, 91U);
  EXPECT_EQ(seen->layers[1].values.size(), 91U);
  EXPECT_EQ(profile_layers({coarse}, {.from = {1, 0}, .to = {1, 90}}, loader_)->samples, 10U);
}

TEST_F(LayerReadingTest, WP41_ALengthOverAxesOfOtherUnitsHasNone) {
  PlacedLayer layer = layer_of({empty({4, 100}, {4, 100})}, {"t", "x"});
  layer.place.scene_axes.axes[0].unit = "second";
  layer.place.scene_axes.axes[1].unit = "micrometer";
  EXPECT_EQ(profile_layers({layer}, {.from = {1, 0}, .to = {1, 9}}, loader_)->unit, "micrometer");
  EXPECT_EQ(profile_layers({layer}, {.from = {0, 0}, .to = {3, 0}}, loader_)->unit, "second");
  EXPECT_EQ(profile_layers({layer}, {.from = {0, 0}, .to = {3, 4}}, loader_)->unit, "");
}

TEST_F(LayerReadingTest, WP42_ALargeBoxIsReadCoarserAndAtLastInPart) {
  const PlacedLayer layer = layer_of({empty({64, 64}, {16, 16}), empty({32, 32}, {16, 16})}, {"y", "x"});
  const auto at = [&](double side, std::uint64_t bytes) {
    const auto seen = summarise_layer(layer, {.world = {{0, side}, {0, side}}, .layer = {}}, bytes, loader_);
    EXPECT_TRUE(seen);
    return *seen;
  };
  EXPECT_EQ(at(63, 64 * 64).level, 0);
  EXPECT_EQ(at(63, 64 * 64).voxels, 64U * 64);
  const session::LayerRegion coarse = at(63, 64 * 64 - 1);
  EXPECT_EQ(coarse.level, 1);
  EXPECT_EQ(coarse.voxels, 32U * 32);
  EXPECT_EQ(coarse.size, 64.0 * 64) << "of as much of the world";
  EXPECT_FALSE(coarse.sampled);
  const session::LayerRegion part = at(63, 512);
  EXPECT_TRUE(part.sampled);
  EXPECT_EQ(part.voxels, 512U);
  EXPECT_EQ(at(10, 512).level, 0) << "a small one is not";
}

}  // namespace
}  // namespace ndcast::room
