// View intents: how many axes are displayed, in which order, at which size.

#include <algorithm>
#include <cmath>

#include "base/limits.h"
#include "reduce/normalise.h"
#include "reduce/reducers.h"

namespace ndcast::reduce {
namespace {

using namespace scene;

/// The index that `entered` mode comes back to: axes that the mode being left showed as a picture return to where the
/// entered mode had them; every other axis stays where its slider is now, for it was in the user's hand all along.
std::vector<std::int64_t> index_on_entry(const ViewState& state, const std::vector<std::int64_t>& cached) {
  std::vector<std::int64_t> index = state.index->value;
  for (const int axis : state.view->displayed) {
    const auto i = static_cast<std::size_t>(axis);
    if (i < cached.size()) index[i] = cached[i];
  }
  return index;
}

void add_index_changes(const SceneSnapshot& snapshot, const ViewId& view, const std::vector<std::int64_t>& index,
                       std::vector<ledger::Change>& changes) {
  for (std::size_t i = 0; i < index.size(); ++i) {
    changes.push_back({index_register(view, snapshot.axes->axes[i].label), index[i]});
  }
}

/// Saves the mode being left into its cache and copies the entered mode's cache into lod, index and camera.
template <class Left, class Entered>
void toggle(const SceneSnapshot& snapshot, const ViewState& state, Key left_key, const Left& left, Key entered_key,
            Entered entered, std::vector<ledger::Change>& changes) {
  entered.index = index_on_entry(state, entered.index);
  LodShown shown = state.lod->shown;
  shown.level = entered.level;
  shown.wanted = entered.level;
  shown.reason = "restore";
  changes.push_back({view_register(state.id, Scope::RestoreCache, left_key), left});
  changes.push_back({view_register(state.id, Scope::Camera, entered_key), entered.pose});
  changes.push_back({view_register(state.id, Scope::Lod, Key::Shown), shown});
  add_index_changes(snapshot, state.id, entered.index, changes);
  changes.push_back({view_register(state.id, Scope::RestoreCache, entered_key), std::move(entered)});
}

}  // namespace

Outcome reduce_one(const SceneSnapshot& snapshot, const ViewState& state, const SetNdisplay& intent) {
  const int ndisplay = intent.ndisplay >= 3 ? 3 : 2;
  if (ndisplay > state.view->ndim) {
    return refuse(StateCode::Unsupported,
                  "a 3D view needs an image with at least 3 axes besides channels; this one has {}", state.view->ndim);
  }
  Reduction reduction;
  reduction.answer = view_register(state.id, Scope::View, Key::Ndisplay);
  const Mode entered = mode_of(ndisplay);
  if (entered == state.view->mode) return reduction;

  reduction.opens = OpKind::ViewToggle;
  reduction.changes.push_back({reduction.answer, std::int64_t{ndisplay}});
  const int level = state.lod->shown.level;
  const PlaneRestore plane_now{level, state.index->value, state.camera->plane};
  const VolumeRestore volume_now{level, state.index->value, state.camera->volume};
  if (entered == Mode::Volume) {
    toggle(snapshot, state, Key::Plane, plane_now, Key::Volume, *state.volume_restore, reduction.changes);
  } else {
    toggle(snapshot, state, Key::Volume, volume_now, Key::Plane, *state.plane_restore, reduction.changes);
  }
  return reduction;
}

Outcome reduce_one(const SceneSnapshot&, const ViewState& state, const SetOrder& intent) {
  std::vector<std::int64_t> sorted = intent.order;
  std::ranges::sort(sorted);
  bool is_permutation = sorted.size() == static_cast<std::size_t>(state.view->ndim);
  for (std::size_t i = 0; i < sorted.size() && is_permutation; ++i)
    is_permutation = sorted[i] == static_cast<std::int64_t>(i);
  if (!is_permutation) {
    return refuse(StateCode::Invalid, "order [{}]: expected a permutation of 0 … {}", fmt::join(intent.order, ", "),
                  state.view->ndim - 1);
  }
  Reduction reduction;
  reduction.answer = view_register(state.id, Scope::View, Key::Order);
  reduction.changes.push_back({reduction.answer, intent.order});
  return reduction;
}

Outcome reduce_one(const SceneSnapshot&, const ViewState& state, const SetCanvas& intent) {
  const auto even = [](int size, int largest) { return std::clamp(size, limits::kCanvasMin, largest) & ~1; };
  if (intent.canvas.width <= 0 || intent.canvas.height <= 0 ||
      !(intent.canvas.dpr > 0 && std::isfinite(intent.canvas.dpr))) {
    return refuse(StateCode::Invalid, "canvas {}×{} at {}: expected positive sizes and a positive pixel ratio",
                  intent.canvas.width, intent.canvas.height, intent.canvas.dpr);
  }
  Reduction reduction;
  reduction.answer = view_register(state.id, Scope::View, Key::CanvasSize);
  reduction.changes.push_back(
      {reduction.answer, Canvas{even(intent.canvas.width, limits::kCanvasMaxWidth),
                                even(intent.canvas.height, limits::kCanvasMaxHeight), intent.canvas.dpr}});
  return reduction;
}

Outcome reduce_one(const SceneSnapshot& snapshot, const ViewState& state, const LockLevel& intent) {
  Reduction reduction;
  reduction.answer = view_register(state.id, Scope::Multiscale, Key::Level);
  std::optional<std::int64_t> level = intent.level;
  if (level) {
    std::int64_t levels = 1;
    for (const auto& layer : snapshot.layers)
      levels = std::max(levels, static_cast<std::int64_t>(layer->meta.levels.size()));
    level = std::clamp<std::int64_t>(*level, 0, levels - 1);
  }
  if (level == state.lod->locked) return reduction;
  reduction.opens = OpKind::LevelUpdate;
  reduction.changes.push_back({reduction.answer, level});
  return reduction;
}

Outcome reduce_one(const SceneSnapshot& snapshot, const ViewState& state, const SetBias& intent) {
  const auto bias = normalise(spec_of(Scope::Multiscale, Key::Bias), intent.bias, snapshot);
  if (!bias) return std::unexpected(bias.error());
  Reduction reduction;
  reduction.answer = view_register(state.id, Scope::Multiscale, Key::Bias);
  if (std::get<std::int64_t>(*bias) == state.lod->bias) return reduction;
  reduction.opens = OpKind::LevelUpdate;
  reduction.changes.push_back({reduction.answer, *bias});
  return reduction;
}

}  // namespace ndcast::reduce
