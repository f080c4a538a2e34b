// What each rendering mode shows of volumes whose pixels follow from a formula (ray_modes.h), drawn by every renderer.

#include <cmath>
#include <string>

#include <gtest/gtest.h>

#include "render/ray_modes.h"
#include "render/renderer_fixture.h"

namespace ndcast::render {
namespace {

using image::DType;
using scene::Rendering;
using test::Color;
using test::gray;
using test::look_of;
using test::make_volume;
using test::pixel_at;

class GoldenModes : public test::RendererTest {
 protected:
  static constexpr std::array<int, 3> kSize{64, 20, 64};

  /// Looks along y, nearly parallel rays: each through all 20 voxels, first y = 0.
  static FrameInput through(const std::function<double(int x, int y, int z)>& value, Rendering rendering) {
    FrameInput frame = volume(kSize, 0, 0);
    frame.volume.distance = 1000;
    frame.volume.fov = 2;
    frame.layers.push_back(volume_layer(make_volume(kSize, DType::UInt8, value), look_of("gray", 0, 200), rendering));
    return frame;
  }
  /// The gray in the picture's middle.
  int middle(const FrameInput& frame) { return pixel_at(draw(frame), 48, 32)[0]; }
  static int byte_of(double share) { return static_cast<int>(std::lround(255 * share)); }
};

TEST_P(GoldenModes, MipFindsAVoxelWhereverItLies) {
  // Voxels four times as wide as they are long: what is skipped at once is twelve of them.
  for (int at = 0; at < kSize[1]; ++at) {
    SCOPED_TRACE(at);
    FrameInput frame = through([&](int, int y, int) { return y == at ? 180 : 20; }, Rendering::Mip);
    auto wide = std::make_shared<VolumeLevel>(*frame.layers[0].volumes[0]);
    wide->step = {4, 1, 4};
    frame.layers[0].volumes[0] = wide;
    frame.volume.center = {126, 9.5, 126};
    EXPECT_NEAR(middle(frame), byte_of(180 / 200.0), 1);
  }
}

TEST_P(GoldenModes, MinipShowsTheDarkestVoxel) {
  const auto dark_layer = [](int, int y, int) { return y == 13 ? 50 : y < 3 ? 210 : 150; };
  FrameInput frame = through(dark_layer, Rendering::Minip);
  EXPECT_EQ(middle(frame), byte_of(50 / 200.0));
  frame.layers[0].look.contrast_limits = {100, 200};
  EXPECT_EQ(middle(frame), 0) << "below the window";
  frame.layers[0].look.contrast_limits = {0, 40};
  EXPECT_EQ(middle(frame), 255) << "above it";
}

TEST_P(GoldenModes, AverageIsTheMeanAlongTheWayWhateverTheStep) {
  const auto half = [](int, int y, int) { return y < 5 ? 160 : 40; };
  FrameInput frame = through(half, Rendering::Average);
  EXPECT_NEAR(middle(frame), byte_of((5 * 160 + 15 * 40) / 20 / 200.0), 1);
  frame.sample_step = 0.1;
  EXPECT_NEAR(middle(frame), byte_of((5 * 160 + 15 * 40) / 20 / 200.0), 1);
  // The rest of a way counts for its length: 3 steps of 6 voxels, about y = 2.5, 8.5 and 14.5, and one of 2.
  frame.sample_step = 6;
  EXPECT_NEAR(middle(frame), byte_of((6 * 160 + 14 * 40) / 20.0 / 200), 1);
}

TEST_P(GoldenModes, AverageWeighsWhatIsSkippedByItsLength) {
  // Cells of one value are not sampled; the last of them is only half there, and rays leave it at many places.
  FrameInput frame = volume(kSize, 35, 20);
  frame.layers.push_back(
      volume_layer(make_volume(kSize, DType::UInt8, [](int, int y, int) { return y < 4 ? 200 : 60; }),
                   look_of("gray", 0, 200), Rendering::Average));
  const Picture skipped = draw(frame);
  auto bare = std::make_shared<VolumeLevel>(*frame.layers[0].volumes[0]);
  bare->cells.clear();
  frame.layers[0].volumes[0] = bare;
  EXPECT_LE(test::difference(skipped, draw(frame)).most, 1);
}

TEST_P(GoldenModes, AverageOfOneValueIsThatValue) {
  FrameInput frame = through([](int, int, int) { return 77; }, Rendering::Average);
  for (const double sample_step : {0.3, 1.0, 4.7}) {
    frame.sample_step = sample_step;
    EXPECT_EQ(middle(frame), byte_of(77 / 200.0)) << sample_step;
  }
}

TEST_P(GoldenModes, AttenuatedMipIsDimmedByWhatLiesInFront) {
  // Ten voxels at half of the window, then one at its end: S = 5 in front of it.
  const auto value = [](int, int y, int) { return y < 10 ? 100 : y == 14 ? 200 : 0; };
  FrameInput frame = through(value, Rendering::AttenuatedMip);
  frame.layers[0].look.attenuation = 0.1;
  EXPECT_NEAR(middle(frame), byte_of(std::exp(-0.1 * 5)), 1);
  frame.layers[0].look.attenuation = 0.2;
  EXPECT_NEAR(middle(frame), byte_of(0.5), 1) << "what lies in front is brighter";
  frame.layers[0].look.attenuation = 0;
  EXPECT_EQ(middle(frame), 255) << "a mip";
  frame.layers[0].look.attenuation = 0.1;
  frame.layers[0].look.gamma = 2;
  EXPECT_NEAR(middle(frame), byte_of(std::exp(-0.1 * 5 * 2)), 1);
}

TEST_P(GoldenModes, AttenuatedMipDoesNotDependOnTheStep) {
  const auto value = [](int, int y, int) { return y < 12 ? 100 : y == 15 || y == 16 ? 200 : 0; };
  FrameInput frame = through(value, Rendering::AttenuatedMip);
  frame.layers[0].look.attenuation = 0.08;
  for (const double sample_step : {0.5, 1.0, 1.5}) {
    frame.sample_step = sample_step;
    EXPECT_NEAR(middle(frame), byte_of(std::exp(-0.08 * 6)), 5) << sample_step;
  }
}

TEST_P(GoldenModes, WhatIsAboveTheWindowDimsNoMoreThanItsEnd) {
  // Ten voxels at a fifth of the window, then one at twice its end, then one at four times: S = 3 in front of that.
  const auto value = [](int, int y, int) { return y < 10 ? 10 : y == 12 ? 100 : y == 14 ? 200 : 0; };
  FrameInput frame = through(value, Rendering::AttenuatedMip);
  frame.layers[0].look.contrast_limits = {0, 50};
  frame.layers[0].look.attenuation = 0.6;
  EXPECT_NEAR(middle(frame), byte_of(4 * std::exp(-0.6 * 3)), 1);
  frame.layers[0].look.attenuation = 0.1;
  EXPECT_EQ(middle(frame), 255);
}

TEST_P(GoldenModes, AttenuatedMipDoesNotDependOnTheOffsetOfTheData) {
  const auto value = [](int, int y, int) { return y < 10 ? 50 : y == 14 ? 100 : 0; };
  FrameInput frame = through(value, Rendering::AttenuatedMip);
  frame.layers[0].look.attenuation = 0.1;
  frame.layers[0].look.contrast_limits = {0, 100};
  const int plain = middle(frame);
  FrameInput lifted = through([&](int x, int y, int z) { return value(x, y, z) + 100; }, Rendering::AttenuatedMip);
  lifted.layers[0].look.attenuation = 0.1;
  lifted.layers[0].look.contrast_limits = {100, 200};
  EXPECT_EQ(middle(lifted), plain);
}

TEST_P(GoldenModes, AdditiveSumsLightAndHoldsItAtOne) {
  FrameInput frame = through([](int, int, int) { return 100; }, Rendering::Additive);
  LayerLook& look = frame.layers[0].look;
  look.colors = test::colors("red");
  look.opacity = 0.02;  // 20 voxels of t = 0.5 give 0.2, in a colour of half brightness
  frame.background = {0, 0, 100};
  for (const double sample_step : {0.5, 1.0, 7.0}) {
    SCOPED_TRACE(sample_step);
    frame.sample_step = sample_step;
    const Color found = pixel_at(draw(frame), 48, 32);
    EXPECT_NEAR(found[0], byte_of(0.1), 1);
    EXPECT_EQ(found[1], 0);
    EXPECT_NEAR(found[2], 80, 1) << "covers a fifth";
  }
  look.opacity = 1;
  EXPECT_EQ(pixel_at(draw(frame), 48, 32), (Color{255, 0, 0}));
}

TEST_P(GoldenModes, ClipPlanesShowWhatTheirNormalsPointTo) {
  const auto value = [](int x, int y, int) { return y == 13 ? 200 : x < 32 ? 50 : 100; };
  FrameInput frame = through(value, Rendering::Mip);
  frame.background = {7, 7, 7};
  LayerLook& look = frame.layers[0].look;
  const auto left_and_right = [&] {
    const Picture picture = draw(frame);
    return std::array{pixel_at(picture, 40, 32)[0], pixel_at(picture, 56, 32)[0]};
  };
  look.shown_in = {{{0, 10, 0}, {0, -1, 0}}};
  EXPECT_EQ(left_and_right(), (std::array{byte_of(0.25), byte_of(0.5)})) << "the bright sheet lies behind the plane";
  look.shown_in.push_back({{31.5, 0, 0}, {1, 0, 0}});
  EXPECT_EQ(left_and_right(), (std::array{7, byte_of(0.5)}));
  look.shown_in = {{{0, 12.5, 0}, {0, 1, 0}}, {{0, 13.5, 0}, {0, -1, 0}}};
  EXPECT_EQ(left_and_right(), (std::array{255, 255})) << "a slab of one voxel";
  look.shown_in.push_back({{0, 20, 0}, {0, 1, 0}});
  EXPECT_EQ(left_and_right(), (std::array{7, 7})) << "nothing lies in all of them";
}

TEST_P(GoldenModes, AClippedWayIsAsLongAsWhatIsLeftOfIt) {
  FrameInput frame = through([](int, int, int) { return 100; }, Rendering::Translucent);
  frame.layers[0].look.opacity = 0.1;
  frame.layers[0].look.shown_in = {{{0, 7.25, 0}, {0, 1, 0}}};
  for (const double sample_step : {0.5, 1.0, 3.0}) {
    frame.sample_step = sample_step;
    EXPECT_NEAR(middle(frame), byte_of(0.5 * (1 - std::pow(0.95, 19.5 - 7.25))), 1) << sample_step;
  }
}

TEST_P(GoldenModes, AnOpacityCurveScalesTheOpacityOfAShownValue) {
  for (const auto rendering : {Rendering::Mip, Rendering::Minip, Rendering::Average, Rendering::AttenuatedMip}) {
    SCOPED_TRACE(scene::to_string(rendering));
    FrameInput frame = through([](int, int, int) { return 100; }, rendering);
    frame.background = {0, 0, 250};
    frame.layers[0].look.colors = test::colors("red");
    frame.layers[0].look.opacity = 0.8;
    frame.layers[0].look.opacity_curve = {{60, 0}, {160, 1}};  // 0.4 at 100
    const Color found = pixel_at(draw(frame), 48, 32);
    EXPECT_NEAR(found[0], byte_of(0.5 * 0.32), 1);
    EXPECT_NEAR(found[2], 250 * (1 - 0.32), 1);
  }
}

TEST_P(GoldenModes, AnOpacityCurveTellsValuesApartThatTheWindowDoesNot) {
  FrameInput frame = through([](int, int, int) { return 10; }, Rendering::Mip);
  frame.layers[0].look = look_of("viridis", 50, 200);
  frame.layers[0].look.opacity_curve = {{0, 1}, {40, 0}};
  const int shown = middle(frame);
  frame.layers[0].look.opacity_curve.clear();
  EXPECT_NEAR(shown, 0.75 * middle(frame), 1) << "darker than the window: the curve at 10";
}

TEST_P(GoldenModes, AnOpacityCurveIsTheDensityOfWhatGathers) {
  FrameInput frame = through([](int, int, int) { return 100; }, Rendering::Translucent);
  frame.layers[0].look.opacity_curve = {{0, 0}, {200, 0.1}};
  EXPECT_NEAR(middle(frame), byte_of(0.5 * (1 - std::pow(0.95, 20))), 1);
  frame.layers[0].look.rendering = Rendering::Additive;
  frame.layers[0].look.opacity = 0.4;
  EXPECT_NEAR(middle(frame), byte_of(0.5 * 0.4 * 0.05 * 20), 1);
  frame.layers[0].look.opacity_curve = {{120, 0}, {200, 1}};
  EXPECT_EQ(middle(frame), 0);
  // Beyond its ends a curve goes on as it ended, whatever the window says.
  frame.layers[0].look.rendering = Rendering::Translucent;
  frame.layers[0].look.opacity = 1;
  frame.layers[0].look.contrast_limits = {150, 200};
  frame.layers[0].look.colors = test::colors("gray_r");
  frame.layers[0].look.opacity_curve = {{20, 1}, {50, 1}};
  EXPECT_EQ(middle(frame), 255) << "opaque below the window, in its lowest colour";
}

/// A ball whose values fall from its centre, one a voxel: the surface at 80 is a sphere of radius 20.
class GoldenIso : public GoldenModes {
 protected:
  static constexpr double kRadius = 20;

  static FrameInput ball(DType dtype, double per_z) {
    const std::array<int, 3> size{64, 64, static_cast<int>(64 / per_z)};
    const Vec3 center{31.5, 31.5, 31.5};
    FrameInput frame = volume({64, 64, 64}, 40, 25);
    frame.width = frame.height = 129;
    frame.volume.center = center;
    frame.volume.distance = 4000;
    frame.volume.fov = 0.8;
    auto cone = make_volume(size, dtype, [&](int x, int y, int z) {
      return std::max(100 - std::hypot(x - center[0], y - center[1], z * per_z - center[2]), 0.0);
    });
    cone->step[2] = per_z;
    frame.layers.push_back(volume_layer(cone, look_of("red", 0, 160), Rendering::Iso));
    frame.layers[0].look.iso_threshold = 80;
    frame.layers[0].look.interpolation = scene::Interpolation::Linear;
    return frame;
  }

  void expect_ball(const FrameInput& frame, double tolerance) {
    const Picture picture = draw(frame);
    const RayCamera camera(frame.volume, frame.width, frame.height);
    for (int row = 0; row < picture.height; row += 4) {
      for (int column = 0; column < picture.width; column += 4) {
        const Ray ray = camera.ray_at({column + 0.5, row + 0.5});
        const Vec3 to_center = frame.volume.center - ray.origin;
        const Vec3 across = to_center - ray.direction * dot(to_center, ray.direction);
        const double off = std::sqrt(dot(across, across)) / kRadius;
        const Color found = pixel_at(picture, column, row);
        SCOPED_TRACE(fmt::format("{} {} off {}", column, row, off));
        if (off > 1.03) {
          EXPECT_EQ(found, gray(0));
        } else if (off < 0.95) {
          const Rgb<double> expected = lit<double>({0.5, 0, 0}, std::sqrt(1 - off * off));
          for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(found[i], 255 * expected[i], tolerance);
        }
      }
    }
  }
};

TEST_P(GoldenIso, ABallIsLitAsABall) { expect_ball(ball(DType::Float32, 1), 5); }
TEST_P(GoldenIso, FlatVoxelsKeepTheBallRound) { expect_ball(ball(DType::Float64, 2), 9); }

TEST_P(GoldenIso, AThresholdThatNothingReachesShowsNothing) {
  FrameInput frame = ball(DType::UInt8, 1);
  frame.background = {9, 9, 9};
  frame.layers[0].look.iso_threshold = 101;
  for (const int column : {3, 64}) EXPECT_EQ(pixel_at(draw(frame), column, 64), gray(9));
  frame.layers[0].look.iso_threshold = 0;
  EXPECT_GT(pixel_at(draw(frame), 64, 64)[1], 0) << "a cut through data shines where it faces the eye";
}

TEST_P(GoldenIso, TheFirstSurfaceIsSeenNotTheBrightest) {
  // Walls at y = 4 and y = 12, the second brighter.
  FrameInput frame = through([](int, int y, int) { return y == 4 ? 120 : y == 12 ? 250 : 0; }, Rendering::Iso);
  frame.layers[0].look.iso_threshold = 100;
  frame.layers[0].look.opacity = 0.5;
  const double expected = lit<double>({0.5, 0.5, 0.5}, 1)[0] * 0.5;
  EXPECT_NEAR(middle(frame), byte_of(expected), 2);
}

INSTANTIATE_TEST_SUITE_P(Renderers, GoldenModes, test::drawing_renderers(), test::renderer_name);
INSTANTIATE_TEST_SUITE_P(Renderers, GoldenIso, test::drawing_renderers(), test::renderer_name);

}  // namespace
}  // namespace ndcast::render
