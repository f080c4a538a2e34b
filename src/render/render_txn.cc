#include "render/render_txn.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/check.h"
#include "plan/camera.h"
#include "plan/canonical_pose.h"

namespace ndcast::render {
namespace {

using scene::Mode;

bool same_size(const scene::Canvas& a, const scene::Canvas& b) { return a.width == b.width && a.height == b.height; }

/// The axes that a mode shows: the last ndisplay of the order.
std::vector<int> shown_axes(const std::vector<int>& order, Mode mode) {
  const std::size_t count = std::min<std::size_t>(order.size(), static_cast<std::size_t>(ndisplay_of(mode)));
  return {order.end() - static_cast<std::ptrdiff_t>(count), order.end()};
}

/// Indices of the axes that are not displayed: what decides which voxels a picture shows.
std::vector<std::int64_t> slider_positions(const scene::ViewBlock& view, const scene::IndexBlock& index) {
  std::vector<std::int64_t> positions = index.value;
  for (const int axis : view.displayed) {
    if (static_cast<std::size_t>(axis) < positions.size()) positions[static_cast<std::size_t>(axis)] = 0;
  }
  return positions;
}

/// Ops whose transaction writes poses of its own, whatever was minted here meanwhile.
bool brings_poses(scene::OpKind kind) {
  using scene::OpKind;
  return kind == OpKind::SceneReplace || kind == OpKind::Bootstrap || kind == OpKind::ViewFork;
}

/// Within rounding: a rectangle that shows the canvas without stretching.
bool has_aspect(const scene::PlanePose& pose, const scene::Canvas& canvas) {
  const double width = pose.rect[3] * canvas.width / canvas.height;
  return std::abs(width - pose.rect[2]) <= 1e-9 * std::abs(width);
}

plan::CameraFrame frame_of(const AppliedView& view) { return {*view.axes, view.view->order, view.view->canvas}; }

}  // namespace

TxnChanges& TxnChanges::operator|=(const TxnChanges& other) {
  picture |= other.picture;
  place |= other.place;
  canvas |= other.canvas;
  pose |= other.pose;
  lod_foreign |= other.lod_foreign;
  lock |= other.lock;
  return *this;
}

bool same_look(const scene::LayerBlock& a, const scene::LayerBlock& b) {
  if (a.id != b.id || a.meta != b.meta) return false;
  scene::LayerControls controls = a.controls;
  controls.name = b.controls.name;
  controls.order = b.controls.order;
  return controls == b.controls;
}

void RenderTxn::mint(const scene::PlanePose& pose) {
  if (pose == view_.plane) return;
  view_.plane = pose;
  minted_plane_ = pose;
}

void RenderTxn::mint(const scene::VolumePose& pose) {
  if (pose == view_.volume) return;
  view_.volume = pose;
  minted_volume_ = pose;
}

std::optional<scene::PlanePose> RenderTxn::take_minted_plane() {
  if (minted_plane_) plane_echo_.minted(*minted_plane_);
  return std::exchange(minted_plane_, std::nullopt);
}

std::optional<scene::VolumePose> RenderTxn::take_minted_volume() {
  if (minted_volume_) volume_echo_.minted(*minted_volume_);
  return std::exchange(minted_volume_, std::nullopt);
}

TxnChanges RenderTxn::apply_dims(const scene::SceneSnapshot& snapshot, const scene::ViewState& state) {
  TxnChanges changes;
  if (!has_view()) {
    changes.place = true;
  } else {
    const bool axes_changed = view_.axes != snapshot.axes && *view_.axes != *snapshot.axes;
    const bool mode_changed = view_.mode() != state.view->mode;
    changes.canvas = !same_size(view_.view->canvas, state.view->canvas);
    changes.place = axes_changed || mode_changed || view_.view->displayed != state.view->displayed ||
                    slider_positions(*view_.view, *view_.index) != slider_positions(*state.view, *state.index);
    // In 3D margins show nothing.
    const bool margins_count = state.view->mode == Mode::Plane && *view_.margins != *state.margins;
    changes.place = changes.place || margins_count;
    if (changes.canvas || mode_changed) ++view_.view_epoch;
  }
  changes.picture = changes.place || changes.canvas;
  view_.source = snapshot.source;
  view_.axes = snapshot.axes;
  view_.view = state.view;
  view_.index = state.index;
  view_.margins = state.margins;
  return changes;
}

TxnChanges RenderTxn::apply_lod(const scene::ViewState& state, bool entered) {
  TxnChanges changes;
  changes.lock = !view_.lod || view_.lod->locked != state.lod->locked || view_.lod->bias != state.lod->bias;
  changes.lod_foreign = lod_echo_.is_foreign(state.lod->shown) || entered;
  view_.lod = state.lod;
  return changes;
}

void RenderTxn::carry_poses(const AppliedView& before, bool plane_adopted, bool volume_adopted) {
  const plan::CameraFrame now = frame_of(view_);
  const plan::CameraFrame then = {now.axes, now.order, before.view->canvas};
  const bool resized = !same_size(then.canvas, now.canvas);
  const auto other_axes = [&](Mode mode) {
    return shown_axes(before.view->order, mode) != shown_axes(view_.view->order, mode);
  };
  if (other_axes(Mode::Plane) && !plane_adopted) {
    mint(plan::fitted_plane_pose(now.axes, now.order, now.canvas));
  } else if (!has_aspect(view_.plane, now.canvas) || (resized && !plane_adopted)) {
    mint(plan::refit(view_.plane, then, now.canvas));
  }
  if (other_axes(Mode::Volume) && !volume_adopted) {
    mint(plan::fitted_volume_pose(now.axes, now.order, now.canvas));
  } else if (resized && !volume_adopted) {
    mint(plan::refit(view_.volume, then, now.canvas));
  }
}

TxnChanges RenderTxn::apply_camera(const scene::ViewState& state, const AppliedView& before, bool replaced) {
  const scene::PlanePose old_plane = view_.plane;
  const scene::VolumePose old_volume = view_.volume;
  if (replaced) {
    plane_echo_.forget();
    volume_echo_.forget();
  }
  bool plane_adopted = false;
  bool volume_adopted = false;
  if (camera_ != state.camera || replaced) {
    camera_ = state.camera;
    plane_adopted = plane_echo_.is_foreign(state.camera->plane);
    volume_adopted = volume_echo_.is_foreign(state.camera->volume);
  }
  if (plane_adopted) {
    view_.plane = state.camera->plane;
    minted_plane_.reset();
  }
  if (volume_adopted) {
    view_.volume = state.camera->volume;
    minted_volume_.reset();
  }
  if (before.view) {
    carry_poses(before, plane_adopted, volume_adopted);
  } else if (!has_aspect(view_.plane, view_.view->canvas)) {
    // A forked view's first snapshot here may have its own canvas already.
    mint(plan::refit(view_.plane, frame_of(view_), view_.view->canvas));
  }
  TxnChanges changes;
  changes.pose = view_.mode() == Mode::Plane ? old_plane != view_.plane : old_volume != view_.volume;
  changes.picture = changes.pose;
  return changes;
}

bool RenderTxn::apply_layers(const scene::SceneSnapshot& snapshot) {
  const bool same = std::ranges::equal(view_.layers, snapshot.layers, [](const auto& a, const auto& b) {  //
    return a == b || same_look(*a, *b);
  });
  view_.layers = snapshot.layers;
  return !same;
}

TxnChanges RenderTxn::apply(const scene::SceneSnapshot& snapshot, const scene::ViewState& state) {
  const AppliedView before = view_;
  TxnChanges changes = apply_dims(snapshot, state);
  const bool replaced = state.op->seq != op_seq_ && brings_poses(state.op->kind);
  op_seq_ = state.op->seq;
  changes |= apply_lod(state, replaced || (before.view && before.view->mode != state.view->mode));
  changes |= apply_camera(state, before, replaced);
  changes.picture |= apply_layers(snapshot);
  view_.server_seq = snapshot.server_seq;
  return changes;
}

TxnChanges RenderTxn::apply(const scene::CameraIntent& intent) {
  ND_CHECK(has_view(), "a camera verb needs an applied view");
  TxnChanges changes;
  const plan::CameraFrame frame = {*view_.axes, view_.view->order, intent.canvas};
  if (intent.mode == Mode::Plane) {
    const scene::PlanePose old = view_.plane;
    const scene::PlanePose next = plan::apply(intent.verb, old, frame);
    // The author's canvas may be the one before a resize; the pose is always of the present one.
    mint(same_size(intent.canvas, view_.view->canvas) ? next : plan::refit(next, frame, view_.view->canvas));
    changes.pose = view_.mode() == Mode::Plane && old != view_.plane;
  } else {
    const scene::VolumePose old = view_.volume;
    mint(plan::apply(intent.verb, old, frame));
    changes.pose = view_.mode() == Mode::Volume && old != view_.volume;
  }
  changes.picture = changes.pose;
  view_.camera_seq = std::max(view_.camera_seq, intent.camera_seq);
  return changes;
}

}  // namespace ndcast::render
