// Slices whose pixels follow from a formula, drawn by every renderer.

#include <cmath>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "render/renderer_fixture.h"

namespace ndcast::render {
namespace {

using image::DType;
using test::Color;
using test::gray;
using test::look_of;
using test::make_slice;
using test::pixel_at;

class GoldenSlice : public test::RendererTest {};

TEST_P(GoldenSlice, AVoxelAPixelShowsTheValuesWithRowZeroOnTopAndXToTheRight) {
  FrameInput frame = plane(16, 10);
  frame.layers.push_back(
      slice_layer(make_slice(16, 10, DType::UInt8, [](int x, int y) { return 10 * y + x; }), look_of("gray", 0, 255)));
  const Picture picture = draw(frame);
  for (int y = 0; y < 10; ++y) {
    for (int x = 0; x < 16; ++x) EXPECT_EQ(pixel_at(picture, x, y), gray(10 * y + x)) << x << " " << y;
  }
}

TEST_P(GoldenSlice, EveryTypeShowsItsValues) {
  for (int type = 0; type <= static_cast<int>(DType::Float64); ++type) {
    const auto dtype = static_cast<DType>(type);
    SCOPED_TRACE(image::to_string(dtype));
    const double scale = dtype == DType::Bool ? 1 : 20;
    FrameInput frame = plane(6, 1);
    const double most = dtype == DType::Bool ? 1 : 100;
    frame.layers.push_back(
        slice_layer(make_slice(6, 1, dtype, [&](int x, int) { return dtype == DType::Bool ? x % 2 : scale * x; }),
                    look_of("gray", 0, most)));
    const Picture picture = draw(frame);
    for (int x = 0; x < 6; ++x) {
      const int expected = dtype == DType::Bool ? 255 * (x % 2) : static_cast<int>(std::lround(x / 5.0 * 255));
      EXPECT_EQ(pixel_at(picture, x, 0), gray(expected)) << x;
    }
  }
}

TEST_P(GoldenSlice, ANarrowWindowFarFromZeroKeepsItsSteps) {
  for (const DType dtype : {DType::Int32, DType::UInt32, DType::Int64, DType::UInt64, DType::Float64}) {
    SCOPED_TRACE(image::to_string(dtype));
    FrameInput frame = plane(5, 1);
    const double base = 2.0e9;
    frame.layers.push_back(
        slice_layer(make_slice(5, 1, dtype, [&](int x, int) { return base + x; }), look_of("gray", base, base + 5)));
    const Picture picture = draw(frame);
    for (int x = 0; x < 5; ++x) EXPECT_EQ(pixel_at(picture, x, 0), gray(51 * x)) << x;
  }
}

TEST_P(GoldenSlice, TheWindowClampsAndGammaFollowsIt) {
  FrameInput frame = plane(5, 1);
  frame.layers.push_back(
      slice_layer(make_slice(5, 1, DType::Int16, [](int x, int) { return -100 + 100 * x; }), look_of("gray", 0, 200)));
  EXPECT_EQ(pixel_at(draw(frame), 0, 0), gray(0));
  EXPECT_EQ(pixel_at(draw(frame), 4, 0), gray(255));
  EXPECT_NEAR(pixel_at(draw(frame), 2, 0)[0], 128, 1);
  frame.layers[0].look.gamma = 2;
  EXPECT_EQ(pixel_at(draw(frame), 2, 0), gray(64));
  frame.layers[0].look.gamma = 0.5;
  EXPECT_EQ(pixel_at(draw(frame), 2, 0), gray(180));
  EXPECT_EQ(pixel_at(draw(frame), 3, 0), gray(255));
}

TEST_P(GoldenSlice, AWindowOfNoWidthIsAStep) {
  FrameInput frame = plane(4, 1);
  for (const DType dtype : {DType::UInt8, DType::Float32, DType::Int32, DType::Float64}) {
    frame.layers.assign(1, slice_layer(make_slice(4, 1, dtype, [](int x, int) { return x; }), look_of("gray", 1, 1)));
    const Picture picture = draw(frame);
    EXPECT_EQ(pixel_at(picture, 1, 0), gray(0));
    EXPECT_EQ(pixel_at(picture, 2, 0), gray(255));
  }
}

TEST_P(GoldenSlice, ChannelsAreNotSwapped) {
  FrameInput frame = plane(3, 1);
  const std::array<const char*, 3> maps{"red", "green", "blue"};
  for (int k = 0; k < 3; ++k) {
    LayerInput layer = slice_layer(make_slice(3, 1, DType::UInt8, [k](int x, int) { return x == k ? 200 : 0; }),
                                   look_of(maps[static_cast<std::size_t>(k)], 0, 255));
    layer.look.blending = scene::Blending::Additive;
    frame.layers.push_back(layer);
  }
  const Picture picture = draw(frame);
  EXPECT_EQ(pixel_at(picture, 0, 0), (Color{200, 0, 0}));
  EXPECT_EQ(pixel_at(picture, 1, 0), (Color{0, 200, 0}));
  EXPECT_EQ(pixel_at(picture, 2, 0), (Color{0, 0, 200}));
}

TEST_P(GoldenSlice, TheViewMovesTheImageOneVoxelAPixel) {
  FrameInput frame = plane(8, 8);
  frame.layers.push_back(
      slice_layer(make_slice(8, 8, DType::UInt8, [](int x, int y) { return x == 5 && y == 2 ? 255 : 0; }),
                  look_of("gray", 0, 255)));
  frame.background = {9, 9, 9};
  frame.plane.rect[0] += 1;
  frame.plane.rect[1] -= 2;
  const Picture picture = draw(frame);
  EXPECT_EQ(pixel_at(picture, 4, 4), gray(255));
  EXPECT_EQ(pixel_at(picture, 5, 2), gray(0));
  EXPECT_EQ(pixel_at(picture, 7, 5), gray(9)) << "past the right edge of the data";
  EXPECT_EQ(pixel_at(picture, 3, 1), gray(9)) << "above the data";
}

TEST_P(GoldenSlice, VoxelsCoverHalfAStepToEachSideOfTheirCentre) {
  FrameInput frame = plane(16, 4);
  auto slice = make_slice(2, 1, DType::UInt8, [](int x, int) { return 100 + 100 * x; });
  slice->origin = {10, 20};
  slice->step = {4, -2};
  frame.layers.push_back(slice_layer(slice, look_of("gray", 0, 255)));
  // Data covers x from 8 to 16 and y from 19 to 21; the picture x from 6 to 22, y from 18 to 22.
  frame.plane.rect = {6, 18, 16, 4};
  frame.background = {1, 1, 1};
  const Picture picture = draw(frame);
  const std::array<int, 16> row{1, 1, 100, 100, 100, 100, 200, 200, 200, 200, 1, 1, 1, 1, 1, 1};
  for (int x = 0; x < 16; ++x) {
    EXPECT_EQ(pixel_at(picture, x, 0), gray(1)) << x;
    EXPECT_EQ(pixel_at(picture, x, 1), gray(row[static_cast<std::size_t>(x)])) << x;
    EXPECT_EQ(pixel_at(picture, x, 2), gray(row[static_cast<std::size_t>(x)])) << x;
    EXPECT_EQ(pixel_at(picture, x, 3), gray(1)) << x;
  }
}

TEST_P(GoldenSlice, LinearIsAMeanBetweenCentresAndHeldAtTheBorder) {
  FrameInput frame = plane(8, 2);
  frame.layers.push_back(slice_layer(make_slice(2, 2, DType::UInt16, [](int x, int y) { return 80 * x + 100 * y; }),
                                     look_of("gray", 0, 255)));
  frame.layers[0].look.interpolation = scene::Interpolation::Linear;
  frame.plane.rect = {-0.5, -0.5, 2, 2};
  const Picture picture = draw(frame);
  // Pixel centres lie at x = −0.375 + c/4.
  const std::array<int, 8> expected{0, 0, 10, 30, 50, 70, 80, 80};
  for (int c = 0; c < 8; ++c) {
    EXPECT_EQ(pixel_at(picture, c, 0), gray(expected[static_cast<std::size_t>(c)])) << c;
    EXPECT_EQ(pixel_at(picture, c, 1), gray(expected[static_cast<std::size_t>(c)] + 100)) << c;
  }
}

TEST_P(GoldenSlice, BlendingFollowsItsFormula) {
  using scene::Blending;
  struct Case {
    Blending blending;
    int expected;
  };
  // 100 below, 200 above at opacity 0.25.
  for (const Case& c : {Case{Blending::Translucent, 125},
                        {Blending::TranslucentNoDepth, 125},
                        {Blending::Additive, 150},
                        {Blending::Opaque, 200},
                        {Blending::Minimum, 100},
                        {Blending::Maximum, 200},
                        {Blending::Average, 113},
                        {Blending::Multiplicative, 78}}) {
    SCOPED_TRACE(scene::to_string(c.blending));
    FrameInput frame = plane(2, 2);
    for (const int value : {100, 200}) {
      frame.layers.push_back(
          slice_layer(make_slice(2, 2, DType::UInt8, [&](int, int) { return value; }), look_of("gray", 0, 255)));
    }
    frame.layers[1].look.blending = c.blending;
    frame.layers[1].look.opacity = 0.25;
    EXPECT_EQ(pixel_at(draw(frame), 0, 0), gray(c.expected));
  }
}

TEST_P(GoldenSlice, TheLowestLayerMeetsTheBackgroundAsInNapari) {
  using scene::Blending;
  struct Case {
    Blending blending;
    int expected;
  };
  // 200 at opacity 0.25 over 100.
  for (const Case& c : {Case{Blending::Translucent, 125},
                        {Blending::Additive, 50},
                        {Blending::Opaque, 125},
                        {Blending::Minimum, 200},
                        {Blending::Maximum, 125},
                        {Blending::Average, 125},
                        {Blending::Multiplicative, 125}}) {
    SCOPED_TRACE(scene::to_string(c.blending));
    FrameInput frame = plane(2, 2);
    frame.background = {100, 100, 100};
    frame.layers.push_back(
        slice_layer(make_slice(2, 2, DType::UInt8, [](int, int) { return 200; }), look_of("gray", 0, 255)));
    frame.layers[0].look.blending = c.blending;
    frame.layers[0].look.opacity = 0.25;
    EXPECT_EQ(pixel_at(draw(frame), 0, 0), gray(c.expected));
  }
}

TEST_P(GoldenSlice, AveragedLayersWeighTheSame) {
  FrameInput frame = plane(2, 2);
  for (const int value : {20, 100, 210, 50}) {
    frame.layers.push_back(
        slice_layer(make_slice(2, 2, DType::UInt8, [&](int, int) { return value; }), look_of("gray", 0, 255)));
    frame.layers.back().look.blending = scene::Blending::Average;
  }
  EXPECT_EQ(pixel_at(draw(frame), 0, 0), gray(95));
  frame.layers[1].look.blending = scene::Blending::Opaque;
  EXPECT_EQ(pixel_at(draw(frame), 0, 0), gray((100 + 210 + 50) / 3)) << "those above an opaque one";
}

TEST_P(GoldenSlice, AnOpacityCurveSaysHowMuchAValueCovers) {
  FrameInput frame = plane(4, 1);
  frame.background = {40, 40, 40};
  frame.layers.push_back(
      slice_layer(make_slice(4, 1, DType::UInt16, [](int x, int) { return x * 100; }), look_of("gray", 0, 300)));
  LayerLook& look = frame.layers[0].look;
  look.opacity_curve = {{50, 0}, {150, 0.5}, {150, 1}, {250, 1}};
  const auto row = [&] {
    const Picture picture = draw(frame);
    return std::array{pixel_at(picture, 0, 0)[0], pixel_at(picture, 1, 0)[0], pixel_at(picture, 2, 0)[0],
                      pixel_at(picture, 3, 0)[0]};
  };
  EXPECT_EQ(row(), (std::array{40, 51, 170, 255})) << "0, 0.25, 1 and 1 of 0, 85, 170 and 255";
  look.blending = scene::Blending::Additive;
  EXPECT_EQ(row(), (std::array{0, 21, 170, 255})) << "the lowest layer does not add to the background";
  frame.width = 8;
  frame.plane.rect[2] = 8;
  EXPECT_EQ(pixel_at(draw(frame), 6, 0), gray(40)) << "beside the layer";
  frame.width = 4;
  frame.plane.rect[2] = 4;
  frame.layers.insert(frame.layers.begin(), frame.layers[0]);
  frame.layers[0].look.opacity_curve.clear();
  EXPECT_EQ(row(), (std::array{0, 85 + 21, 255, 255}));
  frame.layers[1].look.blending = scene::Blending::Translucent;
  frame.layers[1].look.colors = test::colors("gray_r");
  EXPECT_EQ(row(), (std::array{0, 106, 85, 0}));
}

TEST_P(GoldenSlice, AdditionStopsAtWhite) {
  FrameInput frame = plane(1, 1);
  for (int k = 0; k < 3; ++k) {
    frame.layers.push_back(
        slice_layer(make_slice(1, 1, DType::UInt8, [](int, int) { return 200; }), look_of("gray", 0, 255)));
    frame.layers.back().look.blending = scene::Blending::Additive;
  }
  EXPECT_EQ(pixel_at(draw(frame), 0, 0), gray(255));
}

TEST_P(GoldenSlice, VoxelsThatAreNotFiniteAreTransparent) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const std::array<double, 5> values{50, std::nan(""), kInfinity, -kInfinity, 50};
  for (const DType dtype : {DType::Float32, DType::Float64}) {
    FrameInput frame = plane(5, 1);
    frame.background = {7, 7, 7};
    frame.layers.push_back(
        slice_layer(make_slice(5, 1, dtype, [&](int x, int) { return values[static_cast<std::size_t>(x)]; }),
                    look_of("gray", 0, 255)));
    Picture picture = draw(frame);
    for (const int x : {1, 2, 3}) EXPECT_EQ(pixel_at(picture, x, 0), gray(7)) << x;
    EXPECT_EQ(pixel_at(picture, 0, 0), gray(50));
    EXPECT_EQ(pixel_at(picture, 4, 0), gray(50));
  }
}

TEST_P(GoldenSlice, EachPixelTakesTheFinestLevelThatIsLoadedThere) {
  FrameInput frame = plane(8, 4);
  frame.background = {3, 3, 3};
  auto fine = make_slice(8, 4, DType::UInt8, [](int, int) { return 100; });
  fine->block = {4, 2};
  fine->loaded = {1, 0, 0, 0};
  auto coarse = make_slice(4, 2, DType::UInt8, [](int, int) { return 200; });
  coarse->origin = {0.5, 0.5};
  coarse->step = {2, 2};
  coarse->block = {2, 1};
  coarse->loaded = {0, 1, 1, 0};
  LayerInput layer = slice_layer(fine, look_of("gray", 0, 255));
  layer.slices.push_back(coarse);
  frame.layers.push_back(layer);
  const Picture picture = draw(frame);
  EXPECT_EQ(pixel_at(picture, 3, 1), gray(100));
  EXPECT_EQ(pixel_at(picture, 4, 1), gray(200));
  EXPECT_EQ(pixel_at(picture, 3, 2), gray(200));
  EXPECT_EQ(pixel_at(picture, 4, 2), gray(3));
}

TEST_P(GoldenSlice, LinearReadsNoVoxelThatIsNotLoaded) {
  FrameInput frame = plane(16, 2);
  auto fine = make_slice(4, 1, DType::UInt8, [](int x, int) { return x < 2 ? 100 : 255; });
  fine->block = {2, 1};
  fine->loaded = {1, 0};
  LayerInput layer = slice_layer(fine, look_of("gray", 0, 255));
  layer.look.interpolation = scene::Interpolation::Linear;
  frame.layers.push_back(layer);
  frame.plane.rect = {-0.5, -0.5, 4, 1};
  const Picture picture = draw(frame);
  for (int c = 0; c < 6; ++c) EXPECT_EQ(pixel_at(picture, c, 0), gray(100)) << c;
  for (int c = 6; c < 16; ++c) EXPECT_EQ(pixel_at(picture, c, 0), gray(0)) << c;
}

TEST_P(GoldenSlice, CubicPassesThroughTheVoxelsAndOvershootsBesideAnEdge) {
  // Four pixels a voxel of a step from 50 to 150 between voxels 3 and 4; the spline of Catmull and Rom by hand.
  FrameInput frame = plane(32, 1);
  frame.plane.rect = {-0.5, -0.5, 8, 0.25};
  frame.layers.push_back(slice_layer(make_slice(8, 1, DType::UInt8, [](int x, int) { return x < 4 ? 50 : 150; }),
                                     look_of("gray", 0, 255)));
  frame.layers[0].look.interpolation = scene::Interpolation::Cubic;
  const Picture picture = draw(frame);
  const auto at = [&](double position) {  // in voxels
    return pixel_at(picture, static_cast<int>(std::lround((position + 0.5) * 4 - 0.5)), 0)[0];
  };
  const auto between = [](double t, double before, double here, double next, double after) {
    return 0.5 * (2 * here + (next - before) * t + (2 * before - 5 * here + 4 * next - after) * t * t +
                  (3 * here - before - 3 * next + after) * t * t * t);
  };
  for (const double t : {0.125, 0.375, 0.625, 0.875}) {
    EXPECT_NEAR(at(3 + t), between(t, 50, 50, 150, 150), 1) << t;
    EXPECT_NEAR(at(2 + t), between(t, 50, 50, 50, 150), 1) << t;
    EXPECT_LE(at(2 + t), 50) << "dips before the edge";
    EXPECT_NEAR(at(0 + t), 50, 1) << "held at the border";
  }
  EXPECT_LT(at(2.625), 45);
}

TEST_P(GoldenSlice, CubicIsLinearOnARamp) {
  FrameInput frame = plane(60, 60);
  frame.plane.rect = {2, 2, 5, 5};
  frame.layers.push_back(slice_layer(make_slice(10, 10, DType::Float64, [](int x, int y) { return 7 * x + 15 * y; }),
                                     look_of("gray", 0, 255)));
  frame.layers[0].look.interpolation = scene::Interpolation::Cubic;
  const Picture cubic = draw(frame);
  for (int y = 0; y < 60; y += 7) {
    for (int x = 0; x < 60; x += 7) {
      const double expected = 7 * (2 + (x + 0.5) / 12) + 15 * (2 + (y + 0.5) / 12);
      EXPECT_NEAR(pixel_at(cubic, x, y)[0], expected, 0.6) << x << " " << y;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Renderers, GoldenSlice, test::drawing_renderers(), test::renderer_name);

}  // namespace
}  // namespace ndcast::render
