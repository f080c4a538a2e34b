// What the render thread reports becomes changes here. A report of a mode that the view has left meanwhile changes only
// that mode's restore cache and its half of the camera block.

#include <algorithm>
#include <iterator>

#include "reduce/applied.h"
#include "reduce/reducers.h"

namespace ndcast::reduce {

using namespace scene;

std::vector<ledger::Change> applied_pose(const SceneSnapshot& snapshot, const ViewId& view, const PlanePose& pose) {
  const ViewState* state = snapshot.find_view(view);
  if (!state) return {};
  std::vector<ledger::Change> changes = {{view_register(view, Scope::Camera, Key::Plane), pose}};
  if (state->view->mode != Mode::Plane) {
    PlaneRestore cache = *state->plane_restore;
    cache.pose = pose;
    changes.push_back({view_register(view, Scope::RestoreCache, Key::Plane), std::move(cache)});
  }
  return changes;
}

std::vector<ledger::Change> applied_pose(const SceneSnapshot& snapshot, const ViewId& view, const VolumePose& pose) {
  const ViewState* state = snapshot.find_view(view);
  if (!state) return {};
  std::vector<ledger::Change> changes = {{view_register(view, Scope::Camera, Key::Volume), pose}};
  if (state->view->mode != Mode::Volume) {
    VolumeRestore cache = *state->volume_restore;
    cache.pose = pose;
    changes.push_back({view_register(view, Scope::RestoreCache, Key::Volume), std::move(cache)});
  }
  return changes;
}

std::vector<ledger::Change> applied_level(const SceneSnapshot& snapshot, const ViewId& view, Mode mode,
                                          const LodShown& shown) {
  const ViewState* state = snapshot.find_view(view);
  if (!state) return {};
  if (mode == state->view->mode) return {{view_register(view, Scope::Lod, Key::Shown), shown}};
  if (mode == Mode::Plane) {
    PlaneRestore cache = *state->plane_restore;
    cache.level = shown.level;
    return {{view_register(view, Scope::RestoreCache, Key::Plane), std::move(cache)}};
  }
  VolumeRestore cache = *state->volume_restore;
  cache.level = shown.level;
  return {{view_register(view, Scope::RestoreCache, Key::Volume), std::move(cache)}};
}

void Placements::note(const ledger::Committed& committed, const std::optional<ledger::OpenedOp>& opened) {
  if (!opened || committed.changed.empty()) return;
  const bool brings_poses =
      opened->kind == OpKind::SceneReplace || opened->kind == OpKind::Bootstrap || opened->kind == OpKind::ViewFork;
  if (!brings_poses) return;
  placed_[opened->view] = committed.server_seq;
  for (const ViewId& view : opened->also_in) placed_[view] = committed.server_seq;
}

bool Placements::holds(const ViewId& view, std::uint64_t server_seq) const {
  const auto it = placed_.find(view);
  return it == placed_.end() || server_seq >= it->second;
}

std::vector<ledger::Change> applied(const SceneSnapshot& snapshot, const Placements& placements, const ViewId& view,
                                    const Applied& report) {
  if (!placements.holds(view, report.server_seq)) return {};
  std::vector<ledger::Change> changes;
  const auto append = [&](std::vector<ledger::Change> more) { std::ranges::move(more, std::back_inserter(changes)); };
  if (report.level) append(applied_level(snapshot, view, report.level->first, report.level->second));
  if (report.plane) append(applied_pose(snapshot, view, *report.plane));
  if (report.volume) append(applied_pose(snapshot, view, *report.volume));
  return changes;
}

std::vector<ledger::Change> close_op(const SceneSnapshot& snapshot, const ViewId& view, OpState state) {
  const ViewState* found = snapshot.find_view(view);
  if (!found || found->op->state != OpState::Open) return {};
  Op op = *found->op;
  op.state = state;
  return {{view_register(view, Scope::Op, Key::State), op}};
}

std::vector<ledger::Change> stream_config(const ViewId& view, const StreamConfig& config) {
  return {{view_register(view, Scope::Stream, Key::Config), config}};
}

}  // namespace ndcast::reduce
