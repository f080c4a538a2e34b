// What of a layer's controls reaches the renderer.

#include "render/view_scene.h"

#include <gtest/gtest.h>

#include "render/test_scene.h"

namespace ndcast::render {
namespace {

using test::TestImage;
using test::TestScene;

class ViewSceneTest : public testing::Test {
 protected:
  /// The look of the only layer.
  LayerLook look() {
    RenderTxn txn;
    const scene::SnapshotPtr snapshot = scene_.now();
    txn.apply(*snapshot, *snapshot->find_view(scene::kMainView));
    view_scene_.aim(txn.view(), *scene_.images(), 0);
    const auto made = [](const image::ZarrArray& array, std::span<const std::int64_t> chunk) {
      return array.read_chunk(chunk).value();
    };
    view_scene_.fetch(made);
    const FrameInput input = view_scene_.input(txn.view(), {});
    EXPECT_EQ(input.layers.size(), 1U);
    return input.layers.at(0).look;
  }

  TestImage image_{{"z", "y", "x"}, {{{8, 32, 32}, {4, 16, 16}}}};
  TestScene scene_{{image_.image}};
  ThreadPool pool_{"test", 1};
  ViewScene view_scene_{pool_};
};

TEST_F(ViewSceneTest, ClipPlanesThatAreOffCutNothing) {
  scene_.edit_layer(0, [](auto& layer) {
    layer.controls.clip_planes = {{{1, 2, 3}, {0, 0, 1}, true}, {{4, 5, 6}, {1, 0, 0}, false}};
  });
  const LayerLook seen = look();
  ASSERT_EQ(seen.shown_in.size(), 1U);
  EXPECT_EQ(seen.shown_in[0].position, (std::array<double, 3>{1, 2, 3}));
}

TEST_F(ViewSceneTest, ControlsOfTheModesArePassedOn) {
  scene_.edit_layer(0, [](auto& layer) {
    layer.controls.rendering = scene::Rendering::Iso;
    layer.controls.iso_threshold = 7;
    layer.controls.attenuation = 0.25;
    layer.controls.blending = scene::Blending::Average;
    layer.controls.opacity_curve = {{0, 0}, {9, 1}};
  });
  const LayerLook seen = look();
  EXPECT_EQ(seen.rendering, scene::Rendering::Iso);
  EXPECT_EQ(seen.iso_threshold, 7);
  EXPECT_EQ(seen.attenuation, 0.25);
  EXPECT_EQ(seen.blending, scene::Blending::Average);
  EXPECT_EQ(seen.opacity_curve.size(), 2U);
}

TEST_F(ViewSceneTest, AnImageThatWasRewrittenBringsItsOwnLabelColours) {
  scene_.edit_layer(0, [](auto& layer) { layer.meta.kind = scene::LayerKind::Labels; });
  const auto before = look().labels;
  EXPECT_EQ(look().labels, before) << "made once";
  auto rewritten = std::make_shared<image::Image>(*image_.image);
  rewritten->label = image::LabelInfo{.colors = {{7, {1, 2, 3, 255}}}};
  TestScene other{{rewritten}};
  other.edit_layer(0, [](auto& layer) { layer.meta.kind = scene::LayerKind::Labels; });
  std::swap(scene_, other);
  const auto after = look().labels;
  EXPECT_EQ(after->colors()[after->entry_of(7)], (LabelColors::Rgba{1, 2, 3, 255}));
}

TEST_F(ViewSceneTest, OnlyLabelLayersHaveLabelColours) {
  EXPECT_EQ(look().labels, nullptr);
  scene_.edit_layer(0, [](auto& layer) { layer.meta.kind = scene::LayerKind::Labels; });
  EXPECT_NE(look().labels, nullptr);
}

}  // namespace
}  // namespace ndcast::render
