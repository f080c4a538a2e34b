// What renderers refuse, and how they are named.

#include <cmath>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "render/renderer_fixture.h"

namespace ndcast::render {
namespace {

using image::DType;
using test::Color;
using test::look_of;
using test::make_slice;
using test::make_volume;
using test::pixel_at;

class Refusal : public test::RendererTest {};

TEST_P(Refusal, EveryWordIsDrawn) {
  FrameInput flat = plane(4, 4);
  flat.layers.assign(2,
                     slice_layer(make_slice(4, 4, DType::UInt8, [](int, int) { return 1; }), look_of("gray", 0, 255)));
  for (const std::string_view word : scene::enum_words<scene::Blending>()) {
    flat.layers[0].look.blending = flat.layers[1].look.blending = *scene::enum_from_string<scene::Blending>(word);
    draw(flat);
  }
  for (const std::string_view word : scene::enum_words<scene::Interpolation>()) {
    flat.layers[0].look.interpolation = *scene::enum_from_string<scene::Interpolation>(word);
    draw(flat);
  }
  FrameInput deep = volume({2, 2, 2}, 0, 0);
  for (const std::string_view word : scene::enum_words<scene::Rendering>()) {
    deep.layers = {volume_layer(make_volume({2, 2, 2}, DType::UInt8, [](int, int, int) { return 1; }),
                                look_of("gray", 0, 255), *scene::enum_from_string<scene::Rendering>(word))};
    draw(deep);
  }
}

TEST_P(Refusal, FramesThatCannotBeDrawnAreRefused) {
  const double nan = std::nan("");
  FrameInput frame = plane(4, 4);
  auto slice = make_slice(4, 4, DType::UInt8, [](int, int) { return 1; });
  frame.layers.push_back(slice_layer(slice, look_of("gray", 0, 255)));
  FrameInput huge = frame;
  huge.width = 1 << 20;
  huge.height = 1 << 20;
  EXPECT_EQ(refusal(huge), ErrorCode::Limit);
  FrameInput empty = frame;
  empty.height = 0;
  EXPECT_EQ(refusal(empty), ErrorCode::Invalid);
  FrameInput nowhere = frame;
  nowhere.plane.rect[1] = nan;
  EXPECT_EQ(refusal(nowhere), ErrorCode::Invalid);
  FrameInput marks = frame;
  slice->block = {2, 2};
  slice->loaded = {1, 1, 1};
  EXPECT_EQ(refusal(marks), ErrorCode::Invalid);
  FrameInput endless = volume({2, 2, 2}, 0, 0);
  endless.sample_step = 0;
  EXPECT_EQ(refusal(endless), ErrorCode::Invalid);
  FrameInput lost = volume({2, 2, 2}, nan, 0);
  EXPECT_EQ(refusal(lost), ErrorCode::Invalid);
}

INSTANTIATE_TEST_SUITE_P(Renderers, Refusal, test::drawing_renderers(), test::renderer_name);

TEST(Renderer, NullPaintsTheBackground) {
  auto renderer = make_renderer("null");
  ASSERT_TRUE(renderer);
  FrameInput frame;
  frame.width = 3;
  frame.height = 2;
  frame.background = {1, 2, 3};
  Picture picture;
  ASSERT_TRUE((*renderer)->render(frame, picture));
  EXPECT_EQ(picture.rgba.size(), 24U);
  EXPECT_EQ(pixel_at(picture, 2, 1), (Color{1, 2, 3}));
}

TEST(Renderer, AnUnknownNameIsAnErrorThatListsTheKnownOnes) {
  const auto renderer = make_renderer("opengl");
  ASSERT_FALSE(renderer);
  EXPECT_EQ(renderer.error().code, ErrorCode::NotFound);
  EXPECT_NE(renderer.error().message.find("cpu"), std::string::npos);
}

}  // namespace
}  // namespace ndcast::render
