// What of a layer's controls reaches the renderer.

#include "render/engine/view_scene.h"

#include <gtest/gtest.h>

#include "render/engine/test_scene.h"

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
    while (view_scene_.fetch(made).stopped) {
    }
    const FrameInput input = view_scene_.input(txn.view(), {});
    EXPECT_EQ(input.layers.size(), 1U);
    return input.layers.at(0).look;
  }

  void show_volume() {
    scene_.edit<scene::ViewBlock>(&scene::ViewState::view, [](auto& view) {
      view.mode = scene::Mode::Volume;
      view.displayed = view.order;
    });
  }

  TestImage image_{{"z", "y", "x"}, {{{8, 32, 32}, {4, 16, 16}}}};
  TestScene scene_{{image_.image}};
  ThreadPool pool_{"test", 1};
  ViewScene view_scene_{pool_};
};

TEST_F(ViewSceneTest, ClipPlanesThatAreOffCutNothing) {
  show_volume();
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

TEST_F(ViewSceneTest, APlaneIsAPlateOfItsThickness) {
  scene_.edit_layer(0, [](auto& layer) {
    layer.controls.depiction = scene::Depiction::Plane;
    layer.controls.plane_thickness = 3;
    layer.controls.plane = scene::LayerPlane{{5, 6, 7}, {0, 1, 0}};
  });
  EXPECT_TRUE(look().shown_in.empty()) << "a slice is none";
  show_volume();
  LayerLook seen = look();
  ASSERT_EQ(seen.shown_in.size(), 2U);
  EXPECT_EQ(seen.shown_in[0].position, (std::array<double, 3>{5, 4.5, 7}));
  EXPECT_EQ(seen.shown_in[0].normal, (std::array<double, 3>{0, 1, 0}));
  EXPECT_EQ(seen.shown_in[1].position, (std::array<double, 3>{5, 7.5, 7}));
  EXPECT_EQ(seen.shown_in[1].normal, (std::array<double, 3>{0, -1, 0}));
  scene_.edit_layer(0, [](auto& layer) { layer.controls.plane.reset(); });
  seen = look();
  EXPECT_EQ(seen.shown_in[0].position, (std::array<double, 3>{15.5, 15.5, 2})) << "through the middle, across z";
  EXPECT_EQ(seen.shown_in[1].position, (std::array<double, 3>{15.5, 15.5, 5}));
}

TEST_F(ViewSceneTest, TheSelectedLabelIsShownAlone) {
  scene_.edit_layer(0, [](auto& layer) {
    layer.meta.kind = scene::LayerKind::Labels;
    layer.controls.selected_label = 7;
    layer.controls.contour = 3;
  });
  EXPECT_TRUE(look().labels->shows(8));
  EXPECT_EQ(look().contour, 3);
  scene_.edit_layer(0, [](auto& layer) { layer.controls.show_selected_label = true; });
  const auto alone = look().labels;
  EXPECT_TRUE(alone->shows(7));
  EXPECT_FALSE(alone->shows(8));
  EXPECT_EQ(look().labels, alone) << "made once";
  scene_.edit_layer(0, [](auto& layer) { layer.controls.selected_label = 8; });
  EXPECT_TRUE(look().labels->shows(8));
}

TEST_F(ViewSceneTest, LabelsHaveNoSums) {
  scene_.edit<scene::MarginBlock>(&scene::ViewState::margins, [](auto& margins) { margins.left = {2, 0, 0}; });
  const auto projection = [&] {
    RenderTxn txn;
    const scene::SnapshotPtr snapshot = scene_.now();
    txn.apply(*snapshot, *snapshot->find_view(scene::kMainView));
    return ViewScene::first_target(txn.view(), *scene_.images())->projection;
  };
  using enum scene::ProjectionMode;
  for (const auto mode : {None, Sum, Mean, Max, Min}) {
    scene_.edit_layer(0, [&](auto& layer) {
      layer.meta.kind = scene::LayerKind::Image;
      layer.controls.projection_mode = mode;
    });
    EXPECT_EQ(projection(), mode);
    scene_.edit_layer(0, [](auto& layer) { layer.meta.kind = scene::LayerKind::Labels; });
    EXPECT_EQ(projection(), mode == Max || mode == Min ? mode : None);
  }
  scene_.edit<scene::MarginBlock>(&scene::ViewState::margins, [](auto& margins) { margins.left = {0, 3, 3}; });
  EXPECT_EQ(projection(), None) << "no margin along z";
}

}  // namespace
}  // namespace ndcast::render
