// Rays through several levels of one layer (volume_rays.h): the finest volume counts where it is, and what a ray
// gathers goes on across the borders. Drawn by every renderer.

#include <atomic>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "render/label_colors.h"
#include "render/renderer_fixture.h"

namespace ndcast::render {
namespace {

using image::DType;
using scene::Rendering;
using test::look_of;
using test::make_volume;
using test::pixel_at;

using Value = std::function<double(double y)>;

class GoldenLevels : public test::RendererTest {
 protected:
  static constexpr std::array<int, 3> kSize{64, 20, 64};

  /// Voxels of side `step` from (x0, y0, z0) on, in world units, where voxels of side 1 have their centres at integers.
  static std::shared_ptr<VolumeLevel> box(std::array<int, 3> first, std::array<int, 3> extent, int step,
                                          const Value& value, DType dtype = DType::UInt8) {
    const double origin_y = first[1] + 0.5 * (step - 1);
    auto volume = make_volume({extent[0] / step, extent[1] / step, extent[2] / step}, dtype,
                              [&](int, int y, int) { return value(origin_y + y * step); });
    const auto side = static_cast<double>(step);
    volume->step = {side, side, side};
    volume->origin = {first[0] + 0.5 * (step - 1), origin_y, first[2] + 0.5 * (step - 1)};
    test::add_cells(*volume);
    return volume;
  }

  /// Looks along y, nearly parallel rays, through coarse voxels of side 2 over all of kSize and, in the picture's
  /// middle, fine ones of side 1 between y = 6 and 13.
  static FrameInput through(const Value& fine, const Value& coarse, Rendering rendering) {
    FrameInput frame = volume(kSize, 0, 0);
    frame.volume.distance = 1000;
    frame.volume.fov = 2;
    LayerInput layer{.look = look_of("gray", 0, 200), .unit = 1};
    layer.look.rendering = rendering;
    layer.volumes = {box({22, 6, 22}, {20, 8, 20}, 1, fine), box({0, 0, 0}, kSize, 2, coarse)};
    frame.layers.push_back(std::move(layer));
    return frame;
  }
  int middle(const FrameInput& frame) { return pixel_at(draw(frame), 48, 32)[0]; }
  /// Of a ray that meets the coarse volume alone.
  int beside(const FrameInput& frame) { return pixel_at(draw(frame), 75, 32)[0]; }
  static int byte_of(double share) { return static_cast<int>(std::lround(255 * share)); }
  static Value all(double value) {
    return [=](double) { return value; };
  }
};

TEST_P(GoldenLevels, MipAndMinipTakeTheFineVoxelsWhereTheyAre) {
  const Value coarse = [](double y) { return y > 6 && y < 14 ? 180 : 100; };
  EXPECT_EQ(middle(through(all(40), coarse, Rendering::Mip)), byte_of(0.5));
  EXPECT_EQ(beside(through(all(40), coarse, Rendering::Mip)), byte_of(0.9));
  EXPECT_EQ(middle(through(all(160), coarse, Rendering::Mip)), byte_of(0.8));
  EXPECT_EQ(middle(through(all(40), coarse, Rendering::Minip)), byte_of(0.2));
  EXPECT_EQ(beside(through(all(40), coarse, Rendering::Minip)), byte_of(0.5));
}

TEST_P(GoldenLevels, AverageWeighsEachLevelByItsLength) {
  FrameInput frame = through(all(30), all(120), Rendering::Average);
  for (const double sample_step : {0.3, 1.0, 1.7}) {
    frame.sample_step = sample_step;
    EXPECT_NEAR(middle(frame), byte_of((8 * 30 + 12 * 120) / 20.0 / 200), 1) << sample_step;
  }
}

TEST_P(GoldenLevels, OneDensityLooksTheSameAtAnyLevel) {
  for (const Rendering rendering : {Rendering::Translucent, Rendering::Additive}) {
    FrameInput mixed = through(all(20), all(20), rendering);
    mixed.layers[0].look.opacity = 0.3;
    FrameInput coarse = mixed;
    coarse.layers[0].volumes.erase(coarse.layers[0].volumes.begin());
    FrameInput fine = mixed;
    fine.layers[0].volumes = {box({0, 0, 0}, kSize, 1, all(20))};
    EXPECT_GT(middle(mixed), 10);
    EXPECT_LE(test::difference(draw(mixed), draw(coarse)).most, 1);
    EXPECT_LE(test::difference(draw(mixed), draw(fine)).most, 1);
  }
}

TEST_P(GoldenLevels, WhatLiesInFrontHidesAcrossTheBorder) {
  // Opaque from y = 2 on, before the fine box begins: its brighter voxels cannot be seen, nor what lies behind them.
  const Value coarse = [](double y) { return y > 2 && y < 6 ? 100 : y > 14 ? 200 : 0; };
  FrameInput frame = through(all(200), coarse, Rendering::Translucent);
  frame.layers[0].look.opacity_curve = {{0, 0}, {50, 0}, {50, 1}, {200, 1}};
  EXPECT_EQ(middle(frame), byte_of(0.5));
  // And the other way about.
  frame = through(all(100), [](double y) { return y > 14 ? 200 : 0; }, Rendering::Translucent);
  frame.layers[0].look.opacity_curve = {{0, 0}, {50, 0}, {50, 1}, {200, 1}};
  EXPECT_EQ(middle(frame), byte_of(0.5));
  EXPECT_EQ(beside(frame), 255);
}

TEST_P(GoldenLevels, AttenuationGoesOnBehindTheBorder) {
  // 4 units at half of the window before the box, 8 at a quarter in it: S = 2 + 2.
  const Value coarse = [](double y) { return y > 2 && y < 6 ? 100 : y > 16 ? 200 : 0; };
  FrameInput frame = through(all(50), coarse, Rendering::AttenuatedMip);
  frame.layers[0].look.attenuation = 0.1;
  EXPECT_NEAR(middle(frame), byte_of(std::exp(-0.4)), 1);
}

TEST_P(GoldenLevels, TheFirstSurfaceIsFoundInWhicheverLevelItIs) {
  const auto seen = [&](const Value& fine, const Value& coarse) {
    FrameInput frame = through(fine, coarse, Rendering::Iso);
    frame.layers[0].look.iso_threshold = 100;
    return middle(frame) > 60;
  };
  const Value inside = [](double y) { return y > 6 && y < 14 ? 200 : 0; };
  EXPECT_FALSE(seen(all(0), inside)) << "where there are fine voxels the coarse ones do not count";
  EXPECT_TRUE(seen(inside, all(0)));
  EXPECT_TRUE(seen(all(0), [](double y) { return y > 16 ? 200 : 0; })) << "behind";
  EXPECT_TRUE(seen(all(0), [](double y) { return y < 4 ? 200 : 0; })) << "in front";
}

TEST_P(GoldenLevels, LabelsToo) {
  const auto seen = [&](const Value& fine, const Value& coarse) {
    FrameInput frame = through(fine, coarse, Rendering::Mip);
    const std::vector<image::LabelInfo::Color> colors{{1, {255, 0, 0, 255}}, {2, {0, 255, 0, 255}}};
    frame.layers[0].look.labels = std::make_shared<const LabelColors>(colors);
    const auto pixel = pixel_at(draw(frame), 48, 32);
    return pixel[0] > 60 ? 1 : pixel[1] > 60 ? 2 : 0;
  };
  const Value inside = [](double y) { return y > 6 && y < 14 ? 1 : 0; };
  EXPECT_EQ(seen(all(0), inside), 0);
  EXPECT_EQ(seen(inside, all(0)), 1);
  EXPECT_EQ(seen(all(1), [](double y) { return y > 2 ? 2 : 0; }), 2);
  EXPECT_EQ(seen(all(0), [](double y) { return y > 14 ? 2 : 0; }), 2);
}

TEST_P(GoldenLevels, ThreeBoxesOneInTheOther) {
  FrameInput frame = through(all(40), all(100), Rendering::Average);
  frame.layers[0].volumes.insert(frame.layers[0].volumes.begin(), box({28, 9, 28}, {8, 3, 8}, 1, all(160)));
  EXPECT_NEAR(middle(frame), byte_of((3 * 160 + 5 * 40 + 12 * 100) / 20.0 / 200), 1);
}

TEST_P(GoldenLevels, WhatCannotBeDrawnIsRefused) {
  FrameInput frame = through(all(1), all(2), Rendering::Mip);
  frame.layers[0].unit = -1;
  EXPECT_EQ(refusal(frame), ErrorCode::Invalid);
  frame.layers[0].unit = std::numeric_limits<double>::infinity();
  EXPECT_EQ(refusal(frame), ErrorCode::Invalid);
  frame = through(all(1), all(2), Rendering::Mip);
  frame.layers[0].volumes[1] = box({0, 0, 0}, kSize, 2, all(2), DType::UInt16);
  EXPECT_EQ(refusal(frame), ErrorCode::Unsupported);
  frame = through(all(1), all(2), Rendering::Mip);
  frame.layers[0].volumes.resize(kMostVolumes + 1, frame.layers[0].volumes[1]);
  EXPECT_EQ(refusal(frame), ErrorCode::Limit);
}

TEST_P(GoldenLevels, APictureThatNobodyWantsIsNotFinished) {
  FrameInput frame = through(all(1), all(2), Rendering::Mip);
  std::atomic<bool> cancelled{true};
  frame.cancelled = &cancelled;
  EXPECT_EQ(refusal(frame), ErrorCode::Cancelled);
  cancelled = false;
  draw(frame);
}

INSTANTIATE_TEST_SUITE_P(Renderers, GoldenLevels, test::drawing_renderers(), test::renderer_name);

}  // namespace
}  // namespace ndcast::render
