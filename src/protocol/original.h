#pragma once
// Payloads of the original dialect's notify.* frames, derived from a snapshot (protocol.md §9). Key sets are exactly
// those of the napari-cuda desktop client's strict parsers; layer_type is always "image".
//
//   Json dims = dims_payload(*ledger.snapshot(), kMainView);
//
// The view must exist in the snapshot. Nothing here reads a clock, a socket or a ledger.

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/json.h"
#include "scene/intent.h"
#include "scene/snapshot.h"

namespace ndcast::protocol {

/// Version of a layer's control; 0 leaves it out of `versions`.
using VersionOf = std::function<std::uint64_t(const scene::LayerId&, scene::Key)>;

/// Whether a layer's control stands in a LayerBlock: among its controls or its extras.
bool original_tells(scene::Key key);

/// One LayerBlock: {layer_id, layer_type, controls, metadata, multiscale, versions, extras}. With `changed` (a delta)
/// controls and versions hold only those keys; name goes to extras, order is the order of notify.scene's layers.
Json layer_block(const scene::SceneSnapshot& snapshot, const scene::ViewId& view, const scene::LayerBlock& layer,
                 const VersionOf& version_of, const std::set<scene::Key>* changed = nullptr);

/// notify.scene: {viewer, layers, policies, metadata}.
Json scene_payload(const scene::SceneSnapshot& snapshot, const scene::ViewId& view, const VersionOf& version_of);

/// notify.dims: {step, current_step, levels, current_level, mode, ndisplay, level_shapes, dims_spec, labels}. Steps
/// count the current level's (WP10).
Json dims_payload(const scene::SceneSnapshot& snapshot, const scene::ViewId& view);

/// notify.level: {current_level, mode, levels}.
Json level_payload(const scene::SceneSnapshot& snapshot, const scene::ViewId& view);

/// notify.layers: {layer_id, layer} of a layer that exists, or {layer_id, removed:true}.
Json layers_payload(const scene::SceneSnapshot& snapshot, const scene::ViewId& view, const scene::LayerBlock& layer,
                    const VersionOf& version_of, const std::set<scene::Key>* changed = nullptr);
Json layer_removed_payload(const scene::LayerId& layer);

/// notify.camera of a client's verb: {mode, origin:"state.update", delta}; `echo` is StateUpdate::echo.
Json camera_delta_payload(const scene::CameraVerb& verb, const Json& echo);
/// notify.camera of the pose that the view's mode shows: {mode:"pose", origin:"worker.state.camera", state}.
Json camera_pose_payload(const scene::ViewState& view);

/// notify.stream; nothing while no avcC is known.
std::optional<Json> stream_payload(const scene::StreamConfig& config);

enum class Severity { Info, Warning, Critical };
std::string_view to_string(Severity severity);

/// notify.error: {domain, code, message, severity}.
Json error_notice_payload(std::string_view domain, std::string_view code, std::string_view message, Severity severity);

/// WP10: the original's clients count steps of the level shown, the ledger counts steps of level 0. The level's step
/// nearest to the index's position, clamped to the level; `size` is the axis' size at that level. index_from_level()
/// of a told step leads back to the same step.
std::int64_t index_at_level(std::int64_t index, double downsample, std::int64_t size);
std::int64_t index_from_level(std::int64_t step, double downsample, std::int64_t size_at_level_0);

/// Translates the intent of an original client, whose dims index, step and margins count the current level's steps,
/// into the ledger's. Other intents, and axes that do not exist, pass unchanged.
scene::Intent from_original(const scene::Intent& intent, const scene::SceneSnapshot& snapshot,
                            const scene::ViewId& view);
/// What an original client's ack says of a dims register: an index or a margin in the current level's steps. Nothing
/// when there is no such axis or view, and for other keys.
std::optional<Json> original_dims_value(const scene::SceneSnapshot& snapshot, const scene::ViewId& view,
                                        std::string_view axis, scene::Key key);

}  // namespace ndcast::protocol
