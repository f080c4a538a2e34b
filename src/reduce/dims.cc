// Dims intents: where the sliders of the axes that are not displayed stand.

#include <algorithm>
#include <limits>

#include "reduce/reducers.h"

namespace ndcast::reduce {
namespace {

using namespace scene;

Outcome set_index(const SceneSnapshot& snapshot, const ViewState& state, const std::string& axis, std::int64_t value,
                  bool is_delta) {
  const std::optional<int> position = axis_position(*snapshot.axes, axis);
  if (!position) {
    std::vector<std::string_view> labels;
    for (const Axis& known : snapshot.axes->axes) labels.push_back(known.label);
    return refuse(StateCode::UnknownTarget, "there is no axis \"{}\"; the axes are {}", axis, fmt::join(labels, ", "));
  }
  const auto i = static_cast<std::size_t>(*position);
  const Axis& found = snapshot.axes->axes[i];
  const std::int64_t last = found.size - 1;
  // A delta is clamped before it is added, so that no sum overflows.
  const std::int64_t now = state.index->value[i];
  const std::int64_t wanted =
      is_delta ? now + std::clamp(value, -now, last - now) : std::clamp<std::int64_t>(value, 0, last);
  Reduction reduction;
  reduction.answer = index_register(state.id, found.label);
  reduction.changes.push_back({reduction.answer, wanted});
  return reduction;
}

}  // namespace

Outcome reduce_one(const SceneSnapshot& snapshot, const ViewState& state, const SetIndex& intent) {
  return set_index(snapshot, state, intent.axis, intent.index, false);
}

Outcome reduce_one(const SceneSnapshot& snapshot, const ViewState& state, const StepIndex& intent) {
  return set_index(snapshot, state, intent.axis, intent.delta, true);
}

}  // namespace ndcast::reduce
