// Dims intents: where the sliders of the axes that are not displayed stand, what lies around them, whether they play.

#include <algorithm>
#include <limits>

#include "reduce/normalise.h"
#include "reduce/reducers.h"

namespace ndcast::reduce {
namespace {

using namespace scene;

std::expected<std::size_t, Refusal> find_axis(const SceneSnapshot& snapshot, const std::string& axis) {
  if (const std::optional<int> position = axis_position(*snapshot.axes, axis)) {
    return static_cast<std::size_t>(*position);
  }
  std::vector<std::string_view> labels;
  for (const Axis& known : snapshot.axes->axes) labels.push_back(known.label);
  return refuse(StateCode::UnknownTarget, "there is no axis \"{}\"; the axes are {}", axis.substr(0, 64),
                fmt::join(labels, ", "));
}

Outcome set_index(const SceneSnapshot& snapshot, const ViewState& state, const std::string& axis, std::int64_t value,
                  bool is_delta) {
  const auto i = find_axis(snapshot, axis);
  if (!i) return std::unexpected(i.error());
  const Axis& found = snapshot.axes->axes[*i];
  const std::int64_t last = found.size - 1;
  // A delta is clamped before it is added, so that no sum overflows.
  const std::int64_t now = state.index->value[*i];
  const std::int64_t wanted =
      is_delta ? now + std::clamp(value, -now, last - now) : std::clamp<std::int64_t>(value, 0, last);
  Reduction reduction;
  reduction.answer = index_register(state.id, found.label);
  reduction.changes.push_back({reduction.answer, wanted});
  return reduction;
}

/// Another register of an axis, with whatever the key table says of its values.
Outcome set_of_axis(const SceneSnapshot& snapshot, const ViewState& state, const std::string& axis, Key key,
                    const Value& value) {
  const auto i = find_axis(snapshot, axis);
  if (!i) return std::unexpected(i.error());
  auto normalised = normalise(spec_of(Scope::Dims, key), value, snapshot);
  if (!normalised) return std::unexpected(std::move(normalised).error());
  Reduction reduction;
  reduction.answer = dims_register(state.id, snapshot.axes->axes[*i].label, key);
  reduction.changes.push_back({reduction.answer, *std::move(normalised)});
  return reduction;
}

}  // namespace

Outcome reduce_one(const SceneSnapshot& snapshot, const ViewState& state, const SetIndex& intent) {
  return set_index(snapshot, state, intent.axis, intent.index, false);
}

Outcome reduce_one(const SceneSnapshot& snapshot, const ViewState& state, const StepIndex& intent) {
  return set_index(snapshot, state, intent.axis, intent.delta, true);
}

Outcome reduce_one(const SceneSnapshot& snapshot, const ViewState& state, const SetMargin& intent) {
  return set_of_axis(snapshot, state, intent.axis, intent.side, intent.world);
}

Outcome reduce_one(const SceneSnapshot& snapshot, const ViewState& state, const SetPlay& intent) {
  const auto i = find_axis(snapshot, intent.axis);
  if (i && intent.play && snapshot.axes->axes[*i].size < 2) {
    return refuse(StateCode::Invalid, "axis {} has one position: there is nothing to play", intent.axis.substr(0, 64));
  }
  return set_of_axis(snapshot, state, intent.axis, Key::Play, intent.play);
}

}  // namespace ndcast::reduce
