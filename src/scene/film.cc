#include "scene/film.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <utility>

namespace ndcast::scene {
namespace {

std::unexpected<Error> no_view(const ViewId& view) {
  return fail(ErrorCode::Invalid, "view: there is no view {}", view.value);
}

}  // namespace

Result<Film> turntable(const SceneSnapshot& start, const ViewId& view, std::int64_t pictures) {
  const ViewState* const state = start.find_view(view);
  if (!state) return no_view(view);
  if (state->view->mode != Mode::Volume) {
    return fail(ErrorCode::Invalid, "turntable: the view shows a slice; there is something to turn in 3D");
  }
  return Film{pictures, [start, view, pictures](std::int64_t number) {
                SceneSnapshot snapshot = start;
                ViewState& turned = snapshot.views.at(view);
                auto camera = std::make_shared<CameraBlock>(*turned.camera);
                camera->volume.angles[0] += 360.0 * static_cast<double>(number) / static_cast<double>(pictures);
                turned.camera = std::move(camera);
                return snapshot;
              }};
}

Result<Film> film_along(const SceneSnapshot& start, const ViewId& view, const AxisWay& way) {
  const ViewState* const state = start.find_view(view);
  if (!state) return no_view(view);
  const std::optional<int> axis = start.axes ? axis_position(*start.axes, way.axis) : std::nullopt;
  if (!axis) return fail(ErrorCode::Invalid, "along {}: the image has no such axis", way.axis);
  if (std::ranges::find(state->view->displayed, *axis) != state->view->displayed.end()) {
    return fail(ErrorCode::Invalid, "along {}: this axis is displayed, it has no slider", way.axis);
  }
  const auto slot = static_cast<std::size_t>(*axis);
  const std::int64_t end = start.axes->axes[slot].size - 1;
  const std::int64_t first = way.first.value_or(0);
  const std::int64_t last = way.last.value_or(end);
  if (std::max(first, last) > end || std::min(first, last) < 0) {
    return fail(ErrorCode::Invalid, "from {} to {}: {} has positions 0 to {}", first, last, way.axis, end);
  }
  const std::int64_t step = first <= last ? way.every : -way.every;
  return Film{std::abs(last - first) / way.every + 1, [start, view, slot, first, step](std::int64_t number) {
                SceneSnapshot snapshot = start;
                ViewState& moved = snapshot.views.at(view);
                auto index = std::make_shared<IndexBlock>(*moved.index);
                index->value[slot] = first + number * step;
                moved.index = std::move(index);
                return snapshot;
              }};
}

}  // namespace ndcast::scene
