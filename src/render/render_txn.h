#pragma once
// What the render thread has applied of one view: the newest snapshot's blocks, and the poses and levels that it minted
// itself since. One snapshot a tick, compared by block pointers; dims, then level, then camera, then layers become the
// applied state together. Nothing here waits, reads voxels or draws.
//
//   RenderTxn txn;
//   const TxnChanges changes = txn.apply(*snapshot, *snapshot->find_view(id));
//   for (const QueuedIntent& queued : queue.take_all()) changes |= txn.apply(queued.intent);
//   report(txn.view().server_seq, txn.take_minted_plane(), …);     // before rendering

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "scene/intent.h"
#include "scene/snapshot.h"

namespace ndcast::render {

/// Tells the echo of a value that this thread reported from a value that somebody else wrote. The ledger takes reports
/// in order, so a value that is met lets go of it and of the older ones; what nobody reported is foreign and is the
/// truth from then on.
template <class T>
class EchoFilter {
 public:
  void minted(const T& value) {
    if (pending_.size() >= kPending) pending_.pop_front();
    pending_.push_back(value);
  }
  /// True when `value`, as a snapshot holds it, must be adopted.
  bool is_foreign(const T& value) {
    if (seen_ && *seen_ == value) return false;
    seen_ = value;
    for (auto met = pending_.begin(); met != pending_.end(); ++met) {
      if (!(*met == value)) continue;
      pending_.erase(pending_.begin(), met + 1);
      return false;
    }
    pending_.clear();
    return true;
  }
  /// The next value is foreign even when it was seen or minted here.
  void forget() {
    seen_.reset();
    pending_.clear();
  }

 private:
  /// Reports under way: control takes one within milliseconds, this is a minute of 60 a second.
  static constexpr std::size_t kPending = 4096;
  std::optional<T> seen_;
  std::deque<T> pending_;
};

/// The state that a picture of the view shows.
struct AppliedView {
  std::shared_ptr<const scene::Source> source;
  std::shared_ptr<const scene::AxesSpec> axes;
  std::shared_ptr<const scene::ViewBlock> view;
  std::shared_ptr<const scene::IndexBlock> index;
  std::shared_ptr<const scene::MarginBlock> margins;
  std::shared_ptr<const scene::LodBlock> lod;
  std::vector<std::shared_ptr<const scene::LayerBlock>> layers;
  scene::PlanePose plane;    ///< newest, minted here or adopted
  scene::VolumePose volume;  ///< likewise
  std::uint64_t server_seq = 0;
  std::uint64_t camera_seq = 0;
  std::uint32_t view_epoch = 0;

  scene::Mode mode() const { return view->mode; }
};

struct TxnChanges {
  bool picture = false;  ///< anything that a picture of the present mode shows
  bool place = false;    ///< mode, axes, order, index: other voxels than before, not only others of them
  bool canvas = false;
  bool pose = false;         ///< of the present mode
  bool lod_foreign = false;  ///< the snapshot brought a level that was not decided here
  bool lock = false;

  TxnChanges& operator|=(const TxnChanges& other);
};

/// Belongs to the render thread.
class RenderTxn {
 public:
  RenderTxn() = default;
  /// Goes on counting where another one of the view stopped.
  RenderTxn(std::uint64_t camera_seq, std::uint32_t view_epoch) {
    view_.camera_seq = camera_seq;
    view_.view_epoch = view_epoch;
  }

  /// Applies `state` of `snapshot`; the caller has left out snapshots that are older than the last one. A snapshot
  /// never re-applies a pose minted here: the own newest pose stands until the camera block holds a foreign value.
  TxnChanges apply(const scene::SceneSnapshot& snapshot, const scene::ViewState& state);

  /// Applies a verb to the pose of the intent's mode, whatever mode the view is in now. Needs an applied snapshot.
  TxnChanges apply(const scene::CameraIntent& intent);

  bool has_view() const { return view_.view != nullptr; }
  const AppliedView& view() const { return view_; }

  /// Poses minted since the last call, newest only.
  std::optional<scene::PlanePose> take_minted_plane();
  std::optional<scene::VolumePose> take_minted_volume();
  /// A level decision was reported: its echo is no news.
  void note_level(const scene::LodShown& shown) { lod_echo_.minted(shown); }

 private:
  TxnChanges apply_dims(const scene::SceneSnapshot& snapshot, const scene::ViewState& state);
  TxnChanges apply_lod(const scene::ViewState& state, bool entered);
  TxnChanges apply_camera(const scene::ViewState& state, const AppliedView& before, bool replaced);
  /// A pose of other axes says nothing about the present ones and is fitted anew; one of another canvas is carried
  /// over.
  void carry_poses(const AppliedView& before, bool plane_adopted, bool volume_adopted);
  bool apply_layers(const scene::SceneSnapshot& snapshot);
  void mint(const scene::PlanePose& pose);
  void mint(const scene::VolumePose& pose);

  AppliedView view_;
  std::shared_ptr<const scene::CameraBlock> camera_;
  std::uint64_t op_seq_ = 0;
  EchoFilter<scene::PlanePose> plane_echo_;
  EchoFilter<scene::VolumePose> volume_echo_;
  EchoFilter<scene::LodShown> lod_echo_;
  std::optional<scene::PlanePose> minted_plane_;
  std::optional<scene::VolumePose> minted_volume_;
};

/// True when two layers look the same: names and order numbers apart.
bool same_look(const scene::LayerBlock& a, const scene::LayerBlock& b);

}  // namespace ndcast::render
