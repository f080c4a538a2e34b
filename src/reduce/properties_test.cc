// Whatever clients, views, worker and undo do, in whatever order, the ledger's invariants hold (ARCHITECTURE.md, "The
// ledger"). RapidCheck draws the stories and shortens one that fails; it prints the seed to draw it again with.

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "base/clock.h"
#include "reduce/reduce.h"
#include "reduce/restored.h"
#include "reduce/test_scene.h"

namespace ndcast::reduce {
namespace {

using namespace scene;
using testing::open_small_scene;
using testing::small_scene;

/// One step of a story, in numbers that shrink well.
struct Step {
  int what = 0;
  int which = 0;  ///< axis, layer, key or view
  int value = 0;
};

void showValue(const Step& step, std::ostream& out) {
  out << '{' << step.what << ',' << step.which << ',' << step.value << '}';
}

class Story {
 public:
  Story() { open_small_scene(ledger_); }

  void take(const Step& step) {
    const auto before = ledger_.registers();
    const SnapshotPtr shown = ledger_.snapshot();
    const std::uint64_t seq = ledger_.server_seq();
    act(step);
    check_versions(before, seq);
    check_blocks(*shown);
    check_composed_anew();
    if (const auto unsound = find_unsound(*ledger_.snapshot())) RC_FAIL(*unsound);
  }

 private:
  const SceneSnapshot& now() { return *(newest_ = ledger_.snapshot()); }

  ViewId view_at(int number) {
    auto it = now().views.begin();
    std::advance(it, number % static_cast<int>(now().views.size()));
    return it->first;
  }
  std::string axis_at(int number) {
    const auto& axes = now().axes->axes;
    return axes[static_cast<std::size_t>(number) % axes.size()].label;
  }

  void commit(const ViewId& view, Reduction reduction) {
    if (reduction.changes.empty() && !reduction.opens) return;
    const bool is_toggle = reduction.opens == OpKind::ViewToggle;
    const std::uint64_t op_before = now().find_view(view) ? now().find_view(view)->op->seq : 0;
    const bool opens = reduction.opens.has_value();
    ledger_.commit({.changes = std::move(reduction.changes),
                    .author = {.actor = "ada"},
                    .opens = reduction.opens,
                    .view = view,
                    .also_in = std::move(reduction.also_in)});
    const ViewState* state = now().find_view(view);
    if (opens && state) RC_ASSERT(state->op->seq == op_before + 1);
    if (is_toggle) check_toggle(*state);
  }

  void intend(const ViewId& view, const Intent& intent) {
    Outcome outcome = reduce(now(), view, intent);
    if (outcome && !outcome->camera) commit(view, *std::move(outcome));
  }

  void act(const Step& step) {
    const ViewId view = view_at(step.which);
    switch (step.what) {
      case 0:
        return intend(view, SetNdisplay{step.value});
      case 1:
        return intend(view, SetIndex{axis_at(step.which), step.value - 20});
      case 2:
        return intend(view, StepIndex{axis_at(step.which), step.value - 50});
      case 3:
        return intend(view,
                      LockLevel{step.value % 5 == 0 ? std::nullopt : std::optional<std::int64_t>(step.value % 4)});
      case 4:
        return intend(view, SetBias{step.value % 9 - 4});
      case 5:
        return intend(view, SetCanvas{{step.value * 40, 30 + step.which * 90, 1.0}});
      case 6:
        return intend(view, SetOrder{rotated(step.value)});
      case 7:
        return intend(view, SetMargin{axis_at(step.which), Key::MarginLeft, step.value - 10.0});
      case 8:
        return intend(view, SetLayerControl{LayerId{step.value % 2 ? "layer-0" : "layer-1"}, Key::Opacity,
                                            Value(step.which / 4.0)});
      case 9:
        return intend(view, SetPlay{axis_at(step.which), Play{static_cast<double>(step.value), PlayLoop::Loop}});
      case 10:
        return fork(view, step.value);
      case 11:
        return close(view);
      case 12:
        return report(view, step.value);
      case 13:
        return replace(step.value);
      default:
        return finish_op(view);
    }
  }

  std::vector<std::int64_t> rotated(int by) {
    std::vector<std::int64_t> order(now().axes->axes.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
      order[i] = static_cast<std::int64_t>((i + static_cast<std::size_t>(by)) % order.size());
    }
    return order;
  }
  void fork(const ViewId& from, int number) {
    const ViewId to{"view-" + std::to_string(number % 4)};
    if (now().find_view(to)) return commit(to, continue_view(now(), from, to));
    commit(to, fork_view(now(), from, to, {"", "ada"}));
  }
  void close(const ViewId& view) {
    if (view == kMainView) return;
    ledger_.commit({.changes = remove_view(now(), view), .view = view});
    RC_ASSERT(!now().find_view(view));
    for (const auto& [id, held] : ledger_.registers()) RC_ASSERT(view_of(id) != view.value);
  }
  void report(const ViewId& view, int value) {
    const Mode mode = value % 2 ? Mode::Plane : Mode::Volume;
    LodShown shown = now().find_view(view)->lod->shown;
    shown.level = shown.wanted = value % shown.levels;
    std::vector<ledger::Change> changes = applied_level(now(), view, mode, shown);
    PlanePose pose;
    pose.rect = {0, 0, 10.0 + value, 10};
    std::ranges::move(applied_pose(now(), view, pose), std::back_inserter(changes));
    ledger_.commit({.changes = std::move(changes), .author = {.actor = "render"}, .view = view});
  }
  void replace(int value) {
    NewScene next = small_scene();
    next.source.uri = "mem://" + std::to_string(value);
    next.layers.resize(static_cast<std::size_t>(value % 2) + 1);
    if (value % 3 == 0) next.axes.axes[0].label = "c";
    commit(kMainView, replace_scene(now(), kMainView, next, Canvas{}));
  }
  void finish_op(const ViewId& view) {
    ledger_.commit({.changes = close_op(now(), view, OpState::Applied), .view = view});
    RC_ASSERT(now().find_view(view)->op->state != OpState::Open);
  }

  /// A commit takes the next number; what it changed has that version, the rest keeps its own.
  void check_versions(const std::map<RegisterId, ledger::Register>& before, std::uint64_t seq) {
    const std::uint64_t reached = ledger_.server_seq();
    RC_ASSERT(reached >= seq);
    bool any_changed = false;
    for (const auto& [id, held] : ledger_.registers()) {
      const auto old = before.find(id);
      const bool is_same = old != before.end() && old->second.value == held.value;
      if (is_same && old->second.version == held.version) continue;
      any_changed = true;
      RC_ASSERT((held.version > seq && held.version <= reached));
    }
    if (reached == seq) RC_ASSERT((!any_changed && before.size() == ledger_.registers().size()));
  }

  /// What did not change is the same block, so that signatures are pointers.
  void check_blocks(const SceneSnapshot& before) {
    for (const auto& [id, view] : now().views) {
      const ViewState* old = before.find_view(id);
      if (!old || *before.axes != *now().axes) continue;
      if (*old->index == *view.index) RC_ASSERT(old->index == view.index);
      if (*old->margins == *view.margins) RC_ASSERT(old->margins == view.margins);
      if (*old->play == *view.play) RC_ASSERT(old->play == view.play);
    }
  }

  /// The snapshot that grew change by change is the one that the registers compose to at once.
  void check_composed_anew() {
    ledger::Ledger fresh(clock_);
    fresh.adopt(ledger_.registers());
    const SnapshotPtr whole = fresh.snapshot();
    RC_ASSERT(whole->views.size() == now().views.size());
    RC_ASSERT(*whole->axes == *now().axes);
    RC_ASSERT(*whole->source == *now().source);
    RC_ASSERT(whole->layers.size() == now().layers.size());
    for (std::size_t i = 0; i < whole->layers.size(); ++i) {
      RC_ASSERT(whole->layers[i]->id == now().layers[i]->id);
      RC_ASSERT(whole->layers[i]->controls == now().layers[i]->controls);
      RC_ASSERT(whole->layers[i]->meta == now().layers[i]->meta);
    }
    for (const auto& [id, view] : whole->views) {
      const ViewState& grown = *now().find_view(id);
      RC_ASSERT((view.view->mode == grown.view->mode && view.view->order == grown.view->order));
      RC_ASSERT((view.view->displayed == grown.view->displayed && view.view->canvas == grown.view->canvas));
      RC_ASSERT((*view.index == *grown.index && *view.margins == *grown.margins && *view.play == *grown.play));
      RC_ASSERT((view.lod->shown == grown.lod->shown && view.lod->locked == grown.lod->locked));
      RC_ASSERT(view.lod->bias == grown.lod->bias);
      RC_ASSERT((view.camera->plane == grown.camera->plane && view.camera->volume == grown.camera->volume));
      RC_ASSERT((*view.plane_restore == *grown.plane_restore && *view.volume_restore == *grown.volume_restore));
      RC_ASSERT((*view.op == *grown.op && *view.stream == *grown.stream && *view.meta == *grown.meta));
    }
  }

  /// After a toggle lod, index and camera are as the entered mode's cache says.
  static void check_toggle(const ViewState& state) {
    const auto matches = [&](const auto& cache, const auto& pose) {
      return cache.level == state.lod->shown.level && cache.index == state.index->value && cache.pose == pose;
    };
    RC_ASSERT((state.view->mode == Mode::Plane ? matches(*state.plane_restore, state.camera->plane)
                                               : matches(*state.volume_restore, state.camera->volume)));
  }

  FakeClock clock_;
  ledger::Ledger ledger_{clock_};
  SnapshotPtr newest_;
};

RC_GTEST_PROP(LedgerProperties, WP10_WP12_InvariantsHoldOverRandomStories, ()) {
  const auto step = rc::gen::build<Step>(rc::gen::set(&Step::what, rc::gen::inRange(0, 15)),
                                         rc::gen::set(&Step::which, rc::gen::inRange(0, 8)),
                                         rc::gen::set(&Step::value, rc::gen::inRange(0, 100)));
  Story story;
  for (const Step& next : *rc::gen::container<std::vector<Step>>(step)) story.take(next);
}

}  // namespace
}  // namespace ndcast::reduce
