// Label images: objects have colours of their own, and every renderer shows them alike.

#include <cmath>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "render/label_colors.h"
#include "render/ray_modes.h"
#include "render/renderer_fixture.h"

namespace ndcast::render {
namespace {

using image::DType;
using test::Color;
using test::gray;
using test::make_slice;
using test::make_volume;
using test::pixel_at;

LayerLook labels(std::vector<image::LabelInfo::Color> given = {}) {
  LayerLook look = test::look_of("gray", 0, 1);
  look.labels = std::make_shared<const LabelColors>(given);
  return look;
}

Color shown_color(const LayerLook& look, std::uint64_t label) {
  const LabelColors::Rgba& rgba = look.labels->colors()[look.labels->entry_of(label)];
  return {rgba[0], rgba[1], rgba[2]};
}

TEST(LabelColors, ZeroIsHiddenAndNeighboursDiffer) {
  const LabelColors colors;
  EXPECT_FALSE(colors.shows(0));
  std::set<std::array<std::uint8_t, 4>> seen;
  for (std::uint64_t label = 1; label <= 100; ++label) {
    EXPECT_TRUE(colors.shows(label));
    const auto rgba = colors.colors()[colors.entry_of(label)];
    seen.insert(rgba);
    EXPECT_GE(std::max({rgba[0], rgba[1], rgba[2]}), 178) << "seen on black";
    EXPECT_GE(std::max({rgba[0], rgba[1], rgba[2]}) - std::min({rgba[0], rgba[1], rgba[2]}), 80) << "seen on gray";
  }
  EXPECT_GE(seen.size(), 97U);
  EXPECT_NE(colors.entry_of(1 << 12), colors.entry_of(1 << 13)) << "ids that count something in their upper bits";
  EXPECT_NE(colors.entry_of((1ULL << 53) + 1), colors.entry_of(1ULL << 53)) << "beyond what a double tells apart";
}

TEST(LabelColors, GivenColoursCountEvenForZero) {
  const LabelColors colors(
      std::array<image::LabelInfo::Color, 3>{{{-1, {1, 2, 3, 255}}, {0, {9, 9, 9, 128}}, {7, {200, 0, 0, 0}}}});
  EXPECT_EQ(colors.colors()[colors.entry_of(~0ULL)], (LabelColors::Rgba{1, 2, 3, 255})) << "the bits of -1";
  EXPECT_EQ(colors.colors()[colors.entry_of(0)], (LabelColors::Rgba{9, 9, 9, 128}));
  EXPECT_FALSE(colors.shows(7)) << "a given colour may be none";
}

TEST(LabelColors, VoxelsAreReadToTheirLastBit) {
  const auto read = [](DType dtype, auto value) { return label_at(dtype, reinterpret_cast<const std::byte*>(&value)); };
  EXPECT_EQ(read(DType::UInt64, 0xfedcba9876543210ULL), 0xfedcba9876543210ULL);
  EXPECT_EQ(read(DType::Int64, std::int64_t{1} << 40), 1ULL << 40);
  EXPECT_EQ(read(DType::Int8, std::int8_t{-1}), ~0ULL) << "extended with its sign";
  EXPECT_EQ(read(DType::UInt16, std::uint16_t{65535}), 65535U);
}

class Labels : public test::RendererTest {};

TEST_P(Labels, ASliceShowsEachObjectInItsColour) {
  for (const DType dtype : {DType::UInt8, DType::Int16, DType::UInt32, DType::Int64, DType::UInt64}) {
    SCOPED_TRACE(image::to_string(dtype));
    FrameInput frame = plane(4, 1);
    frame.background = {10, 20, 30};
    frame.layers.push_back(
        slice_layer(make_slice(4, 1, dtype, [](int x, int) { return x; }), labels({{2, {0, 0, 250, 128}}})));
    frame.layers[0].look.interpolation = scene::Interpolation::Linear;  // does not count
    frame.layers[0].look.contrast_limits = {0, 1e-9};                   // nor this
    const Picture picture = draw(frame);
    EXPECT_EQ(pixel_at(picture, 0, 0), (Color{10, 20, 30}));
    EXPECT_EQ(pixel_at(picture, 1, 0), shown_color(frame.layers[0].look, 1));
    EXPECT_EQ(pixel_at(picture, 2, 0), (Color{5, 10, 140})) << "half there";
    EXPECT_EQ(pixel_at(picture, 3, 0), shown_color(frame.layers[0].look, 3));
  }
}

TEST_P(Labels, LieOverAnImageWithTheirOpacity) {
  FrameInput frame = plane(2, 1);
  frame.layers.push_back(
      slice_layer(make_slice(2, 1, DType::UInt8, [](int, int) { return 100; }), test::look_of("gray", 0, 255)));
  frame.layers.push_back(slice_layer(make_slice(2, 1, DType::UInt16, [](int x, int) { return x * 5; }),
                                     labels({{5, {200, 0, 100, 255}}})));
  frame.layers[1].look.opacity = 0.5;
  EXPECT_EQ(pixel_at(draw(frame), 0, 0), gray(100));
  EXPECT_EQ(pixel_at(draw(frame), 1, 0), (Color{150, 50, 100}));
  frame.layers[1].look.blending = scene::Blending::Minimum;
  EXPECT_EQ(pixel_at(draw(frame), 0, 0), gray(100));
  EXPECT_EQ(pixel_at(draw(frame), 1, 0), (Color{100, 0, 100}));
}

TEST_P(Labels, AVolumeShowsTheFirstObjectLit) {
  const std::array<int, 3> size{64, 20, 64};
  const auto value = [](int x, int y, int) -> double {
    return y < 5 ? 0 : x < 32 ? (y < 10 ? 3 : 9) : y >= 15 ? 4 : 0;
  };
  FrameInput frame = volume(size, 0, 0);
  frame.volume.distance = 1000;
  frame.volume.fov = 2;
  frame.background = {1, 1, 1};
  frame.layers.push_back(volume_layer(make_volume(size, DType::UInt32, value),
                                      labels({{3, {200, 100, 0, 255}}, {4, {0, 0, 100, 255}}, {9, {9, 9, 9, 255}}}),
                                      scene::Rendering::Mip));
  const auto expected = [](double red, double green, double blue) {
    const Rgb<double> color = lit<double>({red / 255, green / 255, blue / 255}, 1);
    return Color{static_cast<int>(std::lround(255 * color[0])), static_cast<int>(std::lround(255 * color[1])),
                 static_cast<int>(std::lround(255 * color[2]))};
  };
  for (const double step : {0.4, 1.0, 2.5}) {
    frame.sample_step = step;
    EXPECT_EQ(pixel_at(draw(frame), 40, 32), expected(200, 100, 0)) << step;
    EXPECT_EQ(pixel_at(draw(frame), 56, 32), expected(0, 0, 100)) << step;
  }
  frame.layers[0].look.shown_in = {{{0, 12, 0}, {0, 1, 0}}};
  EXPECT_EQ(pixel_at(draw(frame), 40, 32), expected(9, 9, 9)) << "what is clipped away uncovers";
}

TEST_P(Labels, FloatsHaveNoObjects) {
  FrameInput frame = plane(2, 1);
  frame.layers.push_back(slice_layer(make_slice(2, 1, DType::Float32, [](int, int) { return 1; }), labels()));
  EXPECT_EQ(refusal(frame), ErrorCode::Unsupported);
}

TEST_P(Labels, ContoursShowTheRimsOfObjects) {
  // Two objects side by side in 20 × 12 voxels, one of which ends within the picture.
  FrameInput frame = plane(20, 12);
  const auto value = [](int x, int y) { return y < 2 || y >= 10 ? 0 : x < 10 ? 1 : x < 18 ? 2 : 0; };
  frame.layers.push_back(slice_layer(make_slice(20, 12, DType::UInt16, value), labels()));
  const LayerLook& look = frame.layers[0].look;
  for (const int contour : {1, 2}) {
    SCOPED_TRACE(contour);
    frame.layers[0].look.contour = contour;
    const Picture picture = draw(frame);
    for (int y = 0; y < 12; ++y) {
      for (int x = 0; x < 20; ++x) {
        const int label = value(x, y);
        const bool rim =
            y < 2 + contour || y >= 10 - contour || (x >= 10 - contour && x < 10 + contour) || x >= 18 - contour;
        const Color expected =
            label != 0 && rim ? shown_color(look, static_cast<std::uint64_t>(label)) : Color{0, 0, 0};
        EXPECT_EQ(pixel_at(picture, x, y), expected) << x << " " << y;
      }
    }
  }
}

TEST_P(Labels, OneObjectCanBeShownAlone) {
  FrameInput frame = plane(3, 1);
  frame.layers.push_back(slice_layer(make_slice(3, 1, DType::UInt64, [](int x, int) { return x; }), labels()));
  LayerLook& look = frame.layers[0].look;
  const Color two = shown_color(look, 2);
  look.labels = std::make_shared<const LabelColors>(look.labels->showing_only(2));
  const Picture picture = draw(frame);
  EXPECT_EQ(pixel_at(picture, 1, 0), (Color{0, 0, 0}));
  EXPECT_EQ(pixel_at(picture, 2, 0), two);
}

INSTANTIATE_TEST_SUITE_P(Renderers, Labels, test::drawing_renderers(), test::renderer_name);

/// Balls of labels in frames that random images were made for.
FrameInput with_labels(FrameInput frame, unsigned seed) {
  std::mt19937 random(seed);
  for (LayerInput& layer : frame.layers) {
    const auto objects = random() % 30 + 2;
    const auto label = [&](int x, int y, int z) -> double {
      const auto cell = static_cast<unsigned>(x / 9 + 7 * (y / 9) + 31 * (z / 9)) * 2654435761U >> 8;
      const double r = std::hypot(x % 9 - 4, y % 9 - 4, z % 9 - 4);
      return r < 3.7 && cell % 3 != 0 ? static_cast<double>(cell % objects) : 0;
    };
    layer.look.labels = std::make_shared<const LabelColors>();
    layer.look.opacity = 1;
    layer.look.blending = scene::Blending::Translucent;
    for (auto& slice : layer.slices) {
      auto made = make_slice(slice->width, slice->height, DType::UInt32, [&](int x, int y) { return label(x, y, 4); });
      made->origin = slice->origin;
      made->step = slice->step;
      made->block = slice->block;
      made->loaded = slice->loaded;
      slice = made;
    }
    for (auto& level : layer.volumes) {
      auto made = make_volume(level->size, DType::Int64, label);
      made->origin = level->origin;
      made->step = level->step;
      test::add_cells(*made);
      level = made;
    }
  }
  return frame;
}

TEST(LabelAgreement, IsExact) {
  const auto reference = make_renderer("reference");
  const auto cpu = make_renderer("cpu", 2);
  double shown = 0;
  for (unsigned seed = 400; seed < 440; ++seed) {
    SCOPED_TRACE(seed);
    for (auto frame : {&test::FrameMaker::plane_frame, &test::FrameMaker::volume_frame}) {
      test::FrameMaker maker(seed);
      const FrameInput input = with_labels((maker.*frame)(), seed);
      Picture expected;
      Picture found;
      ASSERT_TRUE((*reference)->render(input, expected));
      ASSERT_TRUE((*cpu)->render(input, found));
      EXPECT_EQ(test::difference(expected, found).most, 0);
      shown += test::deviation(expected) > 10 ? 1 : 0;
    }
  }
  EXPECT_GE(shown, 40) << "frames that show something";
}

}  // namespace
}  // namespace ndcast::render
