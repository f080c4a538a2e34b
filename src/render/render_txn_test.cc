#include "render/render_txn.h"

#include <gtest/gtest.h>

#include "plan/camera.h"
#include "render/engine/test_scene.h"

namespace ndcast::render {
namespace {

using scene::Mode;
using test::TestImage;
using test::TestScene;

const TestImage& image() {
  static const TestImage opened({"z", "y", "x"}, {{{8, 32, 32}, {4, 16, 16}}});
  return opened;
}

TxnChanges apply_to(RenderTxn& txn, const scene::SnapshotPtr& snapshot) {
  return txn.apply(*snapshot, *snapshot->find_view(scene::kMainView));
}

scene::CameraIntent pan(double dx, std::uint64_t seq, Mode mode = Mode::Plane) {
  return {.verb = scene::PanVerb{dx, 0}, .mode = mode, .canvas = {64, 48, 1}, .camera_seq = seq};
}

TEST(RenderTxn, FirstSnapshotIsAdoptedWithoutMinting) {
  TestScene scene({image().image});
  RenderTxn txn;
  const TxnChanges changes = apply_to(txn, scene.now());
  EXPECT_TRUE(changes.picture);
  EXPECT_TRUE(changes.lod_foreign);
  EXPECT_EQ(txn.view().plane, scene.state().camera->plane);
  EXPECT_EQ(txn.view().view_epoch, 0U);
  EXPECT_FALSE(txn.take_minted_plane());
  EXPECT_FALSE(txn.take_minted_volume());
}

TEST(RenderTxn, UnchangedBlocksChangeNothing) {
  TestScene scene({image().image});
  RenderTxn txn;
  apply_to(txn, scene.now());
  const TxnChanges changes = apply_to(txn, scene.commit());
  EXPECT_FALSE(changes.picture);
  EXPECT_FALSE(changes.lod_foreign);
  EXPECT_EQ(txn.view().server_seq, scene.seq());
}

TEST(RenderTxn, IndexOfADisplayedAxisAndNamesChangeNoPicture) {
  TestScene scene({image().image});
  RenderTxn txn;
  apply_to(txn, scene.now());
  EXPECT_FALSE(apply_to(txn, scene.set_index(2, 5)).picture);
  EXPECT_FALSE(apply_to(txn, scene.edit_layer(0, [](auto& layer) { layer.controls.name = "new"; })).picture);
  EXPECT_TRUE(apply_to(txn, scene.edit_layer(0, [](auto& layer) { layer.controls.gamma = 2; })).picture);
  const TxnChanges moved = apply_to(txn, scene.set_index(0, 5));
  EXPECT_TRUE(moved.picture);
  EXPECT_TRUE(moved.place);
}

TEST(RenderTxn, WP11StaleSnapshotNeverReappliesAPose) {
  TestScene scene({image().image});
  RenderTxn txn;
  apply_to(txn, scene.now());
  std::vector<scene::PlanePose> minted;
  for (std::uint64_t i = 1; i <= 3; ++i) {
    EXPECT_TRUE(txn.apply(pan(3, i)).pose);
    minted.push_back(*txn.take_minted_plane());
  }
  const scene::PlanePose newest = txn.view().plane;
  // The ledger still holds the bootstrap pose, then echoes of the first and second, each with another change.
  EXPECT_FALSE(apply_to(txn, scene.set_index(0, 1)).pose);
  EXPECT_EQ(txn.view().plane, newest);
  for (const scene::PlanePose& echo : minted) {
    const auto snapshot = scene.edit(&scene::ViewState::camera, [&](auto& camera) { camera.plane = echo; });
    EXPECT_FALSE(apply_to(txn, snapshot).pose);
    EXPECT_EQ(txn.view().plane, newest);
  }
  EXPECT_FALSE(txn.take_minted_plane());
}

TEST(RenderTxn, ForeignPoseIsAdopted) {
  TestScene scene({image().image});
  RenderTxn txn;
  apply_to(txn, scene.now());
  const scene::PlanePose start = txn.view().plane;
  txn.apply(pan(3, 1));
  const scene::PlanePose minted = *txn.take_minted_plane();
  apply_to(txn, scene.edit(&scene::ViewState::camera, [&](auto& camera) { camera.plane = minted; }));
  // An undo brings the bootstrap pose back.
  const TxnChanges undone =
      apply_to(txn, scene.edit(&scene::ViewState::camera, [&](auto& camera) { camera.plane = start; }));
  EXPECT_TRUE(undone.pose);
  EXPECT_EQ(txn.view().plane, start);
  EXPECT_FALSE(txn.take_minted_plane()) << "an adopted pose is not reported as minted";
}

TEST(RenderTxn, ReplacedSceneBringsItsPosesEvenIfTheyWereSeenBefore) {
  TestScene scene({image().image});
  RenderTxn txn;
  apply_to(txn, scene.now());
  txn.apply(pan(3, 1));
  const auto replaced =
      scene.edit(&scene::ViewState::op, [](auto& op) { op = {2, scene::OpState::Open, scene::OpKind::SceneReplace}; });
  EXPECT_TRUE(apply_to(txn, replaced).pose);
  EXPECT_EQ(txn.view().plane, scene.state().camera->plane);
  EXPECT_FALSE(txn.take_minted_plane());
}

TEST(RenderTxn, WP11LatePoseLandsInItsOwnMode) {
  TestScene scene({image().image});
  RenderTxn txn;
  apply_to(txn, scene.now());
  const TxnChanges toggled = apply_to(txn, scene.set_mode(Mode::Volume));
  EXPECT_TRUE(toggled.place);
  EXPECT_TRUE(toggled.lod_foreign);
  EXPECT_EQ(txn.view().view_epoch, 1U);
  const scene::VolumePose volume = txn.view().volume;
  const TxnChanges late = txn.apply(pan(3, 7));
  EXPECT_FALSE(late.pose);
  EXPECT_FALSE(late.picture);
  EXPECT_TRUE(txn.take_minted_plane());
  EXPECT_FALSE(txn.take_minted_volume());
  EXPECT_EQ(txn.view().volume, volume);
  EXPECT_EQ(txn.view().camera_seq, 7U);
  // Back before control has taken the late pose: the own newest one stands.
  const scene::PlanePose newest = txn.view().plane;
  apply_to(txn, scene.set_mode(Mode::Plane));
  EXPECT_EQ(txn.view().plane, newest);
  EXPECT_EQ(txn.view().view_epoch, 2U);
}

TEST(RenderTxn, CanvasOfAnotherAspectRefitsAndRaisesTheEpoch) {
  TestScene scene({image().image});
  RenderTxn txn;
  apply_to(txn, scene.now());
  const auto resize = [&](int width, int height) {
    return apply_to(txn, scene.edit(&scene::ViewState::view, [&](auto& view) { view.canvas = {width, height, 1}; }));
  };
  EXPECT_TRUE(resize(40, 80).canvas);
  EXPECT_EQ(txn.view().view_epoch, 1U);
  const std::optional<scene::PlanePose> minted = txn.take_minted_plane();
  ASSERT_TRUE(minted);
  EXPECT_NEAR(minted->rect[2] / minted->rect[3], 0.5, 1e-12);
  EXPECT_FALSE(apply_to(txn, scene.edit(&scene::ViewState::view, [](auto& view) { view.canvas.dpr = 2; })).canvas);
  EXPECT_EQ(txn.view().view_epoch, 1U);
}

TEST(RenderTxn, OtherDisplayedAxesGetAFittedPose) {
  TestScene scene({image().image});
  RenderTxn txn;
  apply_to(txn, scene.now());
  apply_to(txn, scene.set_order({2, 1, 0}));
  const std::vector<int> order{2, 1, 0};
  EXPECT_EQ(txn.take_minted_plane(), plan::fitted_plane_pose(*scene.now()->axes, order, {64, 48, 1}));
  EXPECT_TRUE(txn.take_minted_volume());
}

TEST(RenderTxn, ResetMintsTheFittedPose) {
  TestScene scene({image().image});
  RenderTxn txn;
  apply_to(txn, scene.now());
  txn.apply(pan(3, 1));
  txn.apply({.verb = scene::ResetVerb{}, .mode = Mode::Plane, .canvas = {64, 48, 1}, .camera_seq = 2});
  EXPECT_EQ(txn.view().plane, scene.state().camera->plane);
  EXPECT_EQ(txn.view().camera_seq, 2U);
}

TEST(EchoFilter, LateMintThatFollowsAForeignValueIsTheLedgersTruth) {
  EchoFilter<int> filter;
  EXPECT_TRUE(filter.is_foreign(1));
  filter.minted(2);
  EXPECT_TRUE(filter.is_foreign(9));
  EXPECT_TRUE(filter.is_foreign(2)) << "the ledger ends with 2, so the thread must too";
  EXPECT_FALSE(filter.is_foreign(2));
}

}  // namespace
}  // namespace ndcast::render
