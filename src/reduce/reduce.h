#pragma once
// Pure reducers: (snapshot, intent) → changes or a refusal. They clamp and normalise, never touch a ledger, a clock or
// a socket, and know nothing of JSON.
//
//   std::expected<Reduction, Refusal> reduction = reduce(*ledger.snapshot(), kMainView, SetIndex{"z", 5});
//   if (!reduction) refuse(reduction.error());
//   ledger.commit({.changes = reduction->changes, .author = author, .opens = reduction->opens, .view = view});

#include <expected>
#include <map>
#include <optional>
#include <vector>

#include "ledger/ledger.h"
#include "scene/intent.h"
#include "scene/snapshot.h"

namespace ndcast::reduce {

/// What an accepted intent does.
struct Reduction {
  std::vector<ledger::Change> changes;  ///< empty for camera verbs
  std::optional<scene::OpKind> opens;   ///< the op that these changes open in the view, if any (WP13)
  std::vector<scene::ViewId> also_in;   ///< further views in which it opens
  /// The register that answers the intent: its value after the commit is the ack's applied_value, its version the ack's
  /// version. Unset for camera verbs.
  scene::RegisterId answer;
  /// For camera verbs: the normalised verb that goes to the render thread (WP11).
  std::optional<scene::CameraVerb> camera;
};

using Outcome = std::expected<Reduction, scene::Refusal>;

/// Judges an intent of a client of `view`. Refusals: UnknownTarget (no such axis, layer, view), Invalid (bad value),
/// Unsupported (a word of the protocol that this server does not do).
Outcome reduce(const scene::SceneSnapshot& snapshot, const scene::ViewId& view, const scene::Intent& intent);

/// A scene as it is opened: what a bootstrap or a scene replacement writes in one transaction.
struct NewLayer {
  scene::LayerId id;
  scene::LayerMeta meta;
  scene::LayerControls controls;
};
struct NewScene {
  scene::Source source;
  scene::AxesSpec axes;
  std::vector<NewLayer> layers;
  std::vector<std::int64_t> index;  ///< initial, one an axis
  scene::PlanePose plane;           ///< canonical poses (plan::canonical_pose)
  scene::VolumePose volume;
  int plane_level = 0;
  int volume_level = 0;

  /// Canonical poses for the canvases of further views; a view that is not listed starts from `plane` and `volume`.
  struct Poses {
    scene::PlanePose plane;
    scene::VolumePose volume;
  };
  std::map<scene::ViewId, Poses> others;
};

/// Replaces whatever the snapshot holds with `scene`, in `view` with `canvas` and in every other view with its own;
/// opens Bootstrap when the snapshot had no such view, SceneReplace otherwise, in all of them.
Reduction replace_scene(const scene::SceneSnapshot& snapshot, const scene::ViewId& view, const NewScene& scene,
                        const scene::Canvas& canvas);

/// More layers, above those of the snapshot, in their order. Each `id` becomes one that no layer has.
std::vector<ledger::Change> add_layers(const scene::SceneSnapshot& snapshot, std::vector<NewLayer>& layers);
/// Removes every register of the layers.
std::vector<ledger::Change> remove_layers(const std::vector<scene::LayerId>& layers);

// --- views (protocol.md WP32) -------------------------------------------------------------------------------------

/// Makes `to` a copy of `from`: dims, order, canvas, poses, level, caches. Opens ViewFork in `to`. Nothing is computed:
/// poses are copied as they were minted (WP11). `from` exists, `to` does not.
Reduction fork_view(const scene::SceneSnapshot& snapshot, const scene::ViewId& from, const scene::ViewId& to,
                    const scene::ViewMeta& meta);
/// Lets `to` go on from where `from` is; its canvas, stream and name stay. Opens ViewFork in `to`. Both exist.
Reduction continue_view(const scene::SceneSnapshot& snapshot, const scene::ViewId& from, const scene::ViewId& to);
/// Removes every register of the view; no changes when there is none.
std::vector<ledger::Change> remove_view(const scene::SceneSnapshot& snapshot, const scene::ViewId& view);

// --- what the render thread reports -------------------------------------------------------------------------------

/// Poses minted by the render thread: lands in the camera block, and in the restore cache of its own mode (a pose that
/// arrives after a toggle changes nothing of the other mode).
std::vector<ledger::Change> applied_pose(const scene::SceneSnapshot& snapshot, const scene::ViewId& view,
                                         const scene::PlanePose& pose);
std::vector<ledger::Change> applied_pose(const scene::SceneSnapshot& snapshot, const scene::ViewId& view,
                                         const scene::VolumePose& pose);
/// A level decision for `mode`; one that comes after a toggle lands in its own mode's restore cache only.
std::vector<ledger::Change> applied_level(const scene::SceneSnapshot& snapshot, const scene::ViewId& view,
                                          scene::Mode mode, const scene::LodShown& shown);
/// Closes the view's op as Applied or Failed; no changes when none is open.
std::vector<ledger::Change> close_op(const scene::SceneSnapshot& snapshot, const scene::ViewId& view,
                                     scene::OpState state);
std::vector<ledger::Change> stream_config(const scene::ViewId& view, const scene::StreamConfig& config);

}  // namespace ndcast::reduce
