// What the render thread reports becomes changes here. A report of a mode that the view has left meanwhile changes only
// that mode's restore cache and its half of the camera block.

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
