#pragma once
// What readers see of a scene: blocks composed from registers, immutable and shared. A block's signature is its
// pointer: two snapshots share a block exactly when nothing in it changed, so the render thread compares pointers and
// copies nothing.
//
//   std::shared_ptr<const SceneSnapshot> now = ledger.snapshot();
//   const ViewState& view = now->view(kMainView);
//   if (view.camera != previous.camera) …

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "scene/register.h"
#include "scene/types.h"

namespace ndcast::scene {

struct ViewBlock {
  Mode mode = Mode::Plane;
  std::vector<int> order;      ///< permutation of the axes, slowest first
  std::vector<int> displayed;  ///< the last ndisplay of `order`
  int ndim = 0;
  Canvas canvas;
};

struct IndexBlock {
  std::vector<std::int64_t> value;  ///< one an axis, in steps of level 0
  friend bool operator==(const IndexBlock&, const IndexBlock&) = default;
};

/// World units around the index, one an axis, at least 0.
struct MarginBlock {
  std::vector<double> left;
  std::vector<double> right;
  friend bool operator==(const MarginBlock&, const MarginBlock&) = default;
};

struct PlayBlock {
  std::vector<std::optional<Play>> value;  ///< one an axis; set while the server moves its index
  friend bool operator==(const PlayBlock&, const PlayBlock&) = default;
};

struct LodBlock {
  LodShown shown;
  std::optional<std::int64_t> locked;  ///< the level a client asked to hold
  int bias = 0;                        ///< levels coarser (above 0) or finer than the policy
};

struct CameraBlock {
  PlanePose plane;
  VolumePose volume;
};

struct LayerBlock {
  LayerId id;
  LayerMeta meta;
  LayerControls controls;
};

/// Everything that is a view's own. No pointer is ever null in a published snapshot.
struct ViewState {
  ViewId id;
  std::shared_ptr<const ViewBlock> view;
  std::shared_ptr<const IndexBlock> index;
  std::shared_ptr<const MarginBlock> margins;
  std::shared_ptr<const PlayBlock> play;
  std::shared_ptr<const LodBlock> lod;
  std::shared_ptr<const CameraBlock> camera;
  std::shared_ptr<const PlaneRestore> plane_restore;
  std::shared_ptr<const VolumeRestore> volume_restore;
  std::shared_ptr<const Op> op;
  std::shared_ptr<const StreamConfig> stream;
  std::shared_ptr<const ViewMeta> meta;
};

/// Immutable; share it between threads freely.
struct SceneSnapshot {
  std::string history_id;
  std::uint64_t server_seq = 0;
  std::shared_ptr<const Source> source;
  std::shared_ptr<const AxesSpec> axes;
  std::shared_ptr<const Settings> settings = std::make_shared<const Settings>();
  std::vector<std::shared_ptr<const LayerBlock>> layers;  ///< in drawing order: by `order`, then id
  std::map<ViewId, ViewState> views;

  /// Null when there is no such view or layer.
  const ViewState* find_view(const ViewId& id) const;
  const LayerBlock* find_layer(const LayerId& id) const;
};

using SnapshotPtr = std::shared_ptr<const SceneSnapshot>;

/// Position of an axis by label (case-insensitive) or by decimal number; nothing when there is no such axis.
std::optional<int> axis_position(const AxesSpec& axes, std::string_view label_or_number);

}  // namespace ndcast::scene
