#include "reduce/reduce.h"

#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "reduce/applied.h"
#include "reduce/test_scene.h"

namespace ndcast::reduce {
namespace {

using namespace scene;
using testing::commit;

class Reduce : public ::testing::Test {
 protected:
  Reduce() { testing::open_small_scene(ledger_); }

  Reduction accept(const Intent& intent) {
    Outcome outcome = reduce(*ledger_.snapshot(), kMainView, intent);
    EXPECT_TRUE(outcome) << outcome.error().message;
    return *outcome;
  }
  Refusal refusal(const Intent& intent) {
    const Outcome outcome = reduce(*ledger_.snapshot(), kMainView, intent);
    EXPECT_FALSE(outcome);
    return outcome ? Refusal{} : outcome.error();
  }
  ledger::Committed apply(const Intent& intent) { return commit(ledger_, accept(intent)); }
  void report(std::vector<ledger::Change> changes) {
    ledger_.commit({.changes = std::move(changes), .author = {.actor = "render", .origin = ledger::Origin::Worker}});
  }
  const ViewState& view() {
    snapshot_ = ledger_.snapshot();
    return *snapshot_->find_view(kMainView);
  }
  const LayerControls& layer(const char* id) {
    snapshot_ = ledger_.snapshot();
    return snapshot_->find_layer(LayerId{id})->controls;
  }

  FakeClock clock_;
  ledger::Ledger ledger_{clock_};
  SnapshotPtr snapshot_;
};

TEST_F(Reduce, IndexIsClampedAndFoundByLabelOrNumber) {
  apply(SetIndex{"Z", 7});
  EXPECT_EQ(view().index->value[1], 7);
  apply(SetIndex{"1", 400});
  EXPECT_EQ(view().index->value[1], 49);
  apply(SetIndex{"z", -3});
  EXPECT_EQ(view().index->value[1], 0);
  EXPECT_EQ(refusal(SetIndex{"w", 1}).code, StateCode::UnknownTarget);
  EXPECT_EQ(refusal(SetIndex{"4", 1}).code, StateCode::UnknownTarget);
  EXPECT_EQ(refusal(SetIndex{"-1", 1}).code, StateCode::UnknownTarget);
}

TEST_F(Reduce, StepIsADeltaThatNeverOverflows) {
  apply(StepIndex{"z", 3});
  EXPECT_EQ(view().index->value[1], 28);
  apply(StepIndex{"z", std::numeric_limits<std::int64_t>::max()});
  EXPECT_EQ(view().index->value[1], 49);
  apply(StepIndex{"z", std::numeric_limits<std::int64_t>::min()});
  EXPECT_EQ(view().index->value[1], 0);
}

TEST_F(Reduce, ToggleReturnsToEachModesPoseLevelAndIndex) {
  apply(SetIndex{"z", 5});
  const PlanePose plane{{1, 2, 3, 4}, {2.5, 4}, 10};
  report(applied_pose(*ledger_.snapshot(), kMainView, plane));
  report(applied_level(*ledger_.snapshot(), kMainView, Mode::Plane, {.level = 1, .wanted = 1, .levels = 3}));

  const ledger::Committed toggled = apply(SetNdisplay{3});
  EXPECT_FALSE(toggled.changed.empty());
  EXPECT_EQ(view().view->mode, Mode::Volume);
  EXPECT_EQ(view().view->displayed, (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(view().lod->shown.level, 2);
  EXPECT_EQ(view().op->state, OpState::Open);
  EXPECT_EQ(view().op->kind, OpKind::ViewToggle);

  apply(SetIndex{"t", 3});  // the time slider is in the user's hand in 3D too
  apply(SetIndex{"z", 9});  // an axis of the picture: 2D has its own
  VolumePose volume = view().camera->volume;
  volume.angles = {80, 10, 0};
  report(applied_pose(*ledger_.snapshot(), kMainView, volume));

  apply(SetNdisplay{2});
  EXPECT_EQ(view().index->value, (std::vector<std::int64_t>{3, 5, 50, 60}));
  EXPECT_EQ(view().camera->plane, plane);
  EXPECT_EQ(view().lod->shown.level, 1);
  apply(SetNdisplay{3});
  EXPECT_EQ(view().camera->volume, volume);
}

TEST_F(Reduce, WP11_WhatWasDecidedBeforeTheViewWasPutElsewhereIsNoNews) {
  Placements placements;
  const Applied late{.server_seq = ledger_.server_seq(),
                     .plane = PlanePose{{9, 9, 2, 2}, {10, 10}, 640},
                     .volume = {},
                     .level = std::pair(Mode::Plane, LodShown{.level = 1, .wanted = 1, .levels = 3})};
  const auto changes = [&] { return applied(*ledger_.snapshot(), placements, kMainView, late); };
  placements.note(apply(SetNdisplay{3}), ledger::OpenedOp{kMainView, OpKind::ViewToggle, {}});
  EXPECT_FALSE(changes().empty()) << "a toggle leaves each mode its own";
  Reduction next = replace_scene(*ledger_.snapshot(), kMainView, testing::small_scene(), Canvas{});
  const ledger::Committed replaced = ledger_.commit({.changes = std::move(next.changes), .opens = next.opens});
  placements.note(replaced, ledger::OpenedOp{kMainView, *next.opens, {ViewId{"view-1"}}});
  EXPECT_TRUE(changes().empty()) << "though its poses may be the same";
  EXPECT_FALSE(placements.holds(ViewId{"view-1"}, late.server_seq));
  EXPECT_TRUE(placements.holds(kMainView, replaced.server_seq));
}

TEST_F(Reduce, WP11_PoseThatArrivesAfterAToggleLandsInItsOwnModesCache) {
  apply(SetNdisplay{3});
  const VolumePose before = view().camera->volume;
  const PlanePose late{{9, 9, 2, 2}, {10, 10}, 640};
  report(applied_pose(*ledger_.snapshot(), kMainView, late));
  report(applied_level(*ledger_.snapshot(), kMainView, Mode::Plane, {.level = 0}));
  EXPECT_EQ(view().camera->volume, before);
  EXPECT_EQ(view().lod->shown.level, 2) << "the level of the other mode stays";
  EXPECT_EQ(view().plane_restore->pose, late);
  apply(SetNdisplay{2});
  EXPECT_EQ(view().camera->plane, late);
  EXPECT_EQ(view().lod->shown.level, 0);
}

TEST_F(Reduce, ToggleToTheSameModeIsNoOp) {
  const Reduction reduction = accept(SetNdisplay{2});
  EXPECT_TRUE(reduction.changes.empty());
  EXPECT_FALSE(reduction.opens);
}

TEST_F(Reduce, ThreeDimensionsNeedThreeAxes) {
  NewScene flat = testing::small_scene();
  flat.axes.axes.erase(flat.axes.axes.begin(), flat.axes.axes.begin() + 2);
  flat.index.erase(flat.index.begin(), flat.index.begin() + 2);
  commit(ledger_, replace_scene(*ledger_.snapshot(), kMainView, flat, Canvas{}));
  EXPECT_EQ(refusal(SetNdisplay{3}).code, StateCode::Unsupported);
  EXPECT_EQ(ledger_.find({Scope::Dims, "z", Key::Index, "main"}), nullptr) << "the old axes' indexes are gone";
}

TEST_F(Reduce, OrderMustBeAPermutation) {
  apply(SetOrder{{0, 3, 2, 1}});
  EXPECT_EQ(view().view->displayed, (std::vector<int>{2, 1}));
  for (const auto& order : std::vector<std::vector<std::int64_t>>{{0, 1, 2}, {0, 1, 2, 2}, {0, 1, 2, 4}, {}}) {
    EXPECT_EQ(refusal(SetOrder{order}).code, StateCode::Invalid);
  }
}

TEST_F(Reduce, CanvasIsMadeEvenAndKeptWithinLimits) {
  apply(SetCanvas{{801, 599, 2.0}});
  EXPECT_EQ(view().view->canvas, (Canvas{800, 598, 2.0}));
  apply(SetCanvas{{100'000, 1, 1.0}});
  EXPECT_EQ(view().view->canvas, (Canvas{4096, 16, 1.0}));
  EXPECT_EQ(refusal(SetCanvas{{0, 100, 1.0}}).code, StateCode::Invalid);
  EXPECT_EQ(refusal(SetCanvas{{100, 100, std::nan("")}}).code, StateCode::Invalid);
}

TEST_F(Reduce, LevelLockIsClampedAndReleased) {
  const Reduction locked = accept(LockLevel{9});
  EXPECT_EQ(locked.opens, OpKind::LevelUpdate);
  commit(ledger_, locked);
  EXPECT_EQ(view().lod->locked, 2);
  apply(LockLevel{std::nullopt});
  EXPECT_EQ(view().lod->locked, std::nullopt);
}

TEST_F(Reduce, LayerControlsAreNormalised) {
  const auto set = [](const char* id, Key key, Value value) {
    return SetLayerControl{LayerId{id}, key, std::move(value)};
  };
  apply(set("layer-1", Key::Opacity, 1.5));
  EXPECT_EQ(layer("layer-1").opacity, 1.0);
  apply(set("layer-1", Key::ContrastLimits, std::array<double, 2>{900, 100}));
  EXPECT_EQ(layer("layer-1").contrast_limits, (std::array<double, 2>{100, 900}));
  apply(set("layer-1", Key::Colormap, std::string(" Viridis ")));
  EXPECT_EQ(layer("layer-1").colormap, "viridis");
  EXPECT_EQ(refusal(set("layer-1", Key::Gamma, 0.0)).code, StateCode::Invalid);
  EXPECT_EQ(refusal(set("layer-1", Key::ContrastLimits, std::array<double, 2>{5, 5})).code, StateCode::Invalid);
  EXPECT_EQ(refusal(set("layer-1", Key::Colormap, std::string("nope"))).code, StateCode::Invalid);
  EXPECT_EQ(refusal(set("layer-9", Key::Opacity, 0.5)).code, StateCode::UnknownTarget);
  EXPECT_EQ(accept(set("", Key::Opacity, 0.5)).answer.target, "layer-0") << "the volume alias";
}

TEST_F(Reduce, MovingALayerNumbersAllOfThem) {
  apply(SetLayerControl{LayerId{"layer-0"}, Key::LayerOrder, std::int64_t{5}});
  EXPECT_EQ(layer("layer-0").order, 1);
  EXPECT_EQ(layer("layer-1").order, 0);
  EXPECT_EQ(ledger_.snapshot()->layers.front()->id.value, "layer-1");
}

TEST_F(Reduce, CameraVerbsAreJudgedByMode) {
  EXPECT_TRUE(accept(CameraVerb(ZoomVerb{0.5, {10, 10}})).camera);
  EXPECT_TRUE(accept(CameraVerb(ZoomVerb{0.5, {10, 10}})).changes.empty()) << "a camera intent writes no register";
  EXPECT_EQ(refusal(CameraVerb(ZoomVerb{0.0, {0, 0}})).code, StateCode::Invalid);
  EXPECT_EQ(refusal(CameraVerb(ZoomVerb{std::nan(""), {0, 0}})).code, StateCode::Invalid);
  EXPECT_EQ(refusal(CameraVerb(OrbitVerb{1, 1})).code, StateCode::Invalid) << "2D";
  EXPECT_EQ(refusal(CameraVerb(SetPoseVerb{})).code, StateCode::Invalid);
  SetPoseVerb three_numbers;
  three_numbers.center = {1, 2, 3};
  EXPECT_EQ(refusal(CameraVerb(three_numbers)).code, StateCode::Invalid);
  apply(SetNdisplay{3});
  EXPECT_TRUE(accept(CameraVerb(OrbitVerb{1, 1})).camera);
  EXPECT_TRUE(accept(CameraVerb(three_numbers)).camera);
}

TEST_F(Reduce, ReplacingASceneLeavesNothingOfTheOldOne) {
  NewScene next = testing::small_scene();
  next.layers.pop_back();
  apply(SetCanvas{{640, 480, 1.0}});
  const Reduction reduction = replace_scene(*ledger_.snapshot(), kMainView, next, view().view->canvas);
  EXPECT_EQ(reduction.opens, OpKind::SceneReplace);
  commit(ledger_, reduction);
  EXPECT_EQ(ledger_.snapshot()->layers.size(), 1U);
  EXPECT_EQ(ledger_.find({Scope::Layer, "layer-1", Key::Meta, {}}), nullptr);
  EXPECT_EQ(view().view->canvas, (Canvas{640, 480, 1.0}));
}

TEST_F(Reduce, ClosingAnOpHappensOnce) {
  ledger::Committed closed = ledger_.commit({.changes = close_op(*ledger_.snapshot(), kMainView, OpState::Applied)});
  EXPECT_EQ(closed.changed.size(), 1U);
  EXPECT_TRUE(close_op(*ledger_.snapshot(), kMainView, OpState::Applied).empty());
}

/// Whatever clients send in whatever order, no accepted reduction breaks an invariant.
TEST_F(Reduce, RandomIntentsNeverBreakAnInvariant) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  const auto pick = [&random](std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random);
  };
  const char* const axes[] = {"t", "z", "y", "x", "q", "2"};
  for (int i = 0; i < 5000; ++i) {
    Intent intent = SetNdisplay{static_cast<int>(pick(0, 5))};
    switch (pick(0, 6)) {
      case 0:
        intent = SetIndex{axes[pick(0, 5)], pick(-200, 200)};
        break;
      case 1:
        intent = StepIndex{axes[pick(0, 5)], pick(-200, 200)};
        break;
      case 2:
        intent = SetOrder{{pick(0, 3), pick(0, 3), pick(0, 3), pick(0, 3)}};
        break;
      case 3:
        intent = LockLevel{pick(-2, 5)};
        break;
      case 4:
        intent = SetLayerControl{LayerId{"layer-" + std::to_string(pick(0, 2))}, Key::LayerOrder, pick(-3, 5)};
        break;
      case 5:
        intent = SetCanvas{{static_cast<int>(pick(-5, 5000)), static_cast<int>(pick(-5, 5000)), 1.0}};
        break;
      default:
        break;
    }
    const Outcome outcome = reduce(*ledger_.snapshot(), kMainView, intent);
    if (!outcome) continue;
    const std::uint64_t before = ledger_.server_seq();
    const ledger::Committed committed = commit(ledger_, *outcome);
    ASSERT_EQ(committed.server_seq, before + (committed.changed.empty() ? 0 : 1));
    if (pick(0, 3) == 0) ledger_.commit({.changes = close_op(*ledger_.snapshot(), kMainView, OpState::Applied)});
  }
}

}  // namespace
}  // namespace ndcast::reduce
