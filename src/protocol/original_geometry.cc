#include "protocol/original_geometry.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace ndcast::protocol {
namespace original {
namespace {

std::vector<Level> levels_of(const scene::SceneSnapshot& snapshot) {
  std::vector<Level> levels;
  const std::size_t ndim = snapshot.axes->axes.size();
  if (!snapshot.layers.empty()) {
    for (const scene::LevelInfo& level : snapshot.layers.front()->meta.levels) {
      if (level.shape.size() != ndim || level.downsample.size() != ndim) continue;
      levels.push_back({static_cast<std::int64_t>(levels.size()), level.shape, level.downsample});
    }
  }
  if (levels.empty()) {
    Level whole;
    for (const scene::Axis& axis : snapshot.axes->axes) whole.shape.push_back(axis.size);
    whole.downsample.assign(ndim, 1.0);
    levels.push_back(std::move(whole));
  }
  return levels;
}

double usable(double downsample) { return std::isfinite(downsample) && downsample > 0.0 ? downsample : 1.0; }

/// World units of one step of a level.
double step_world(const scene::Axis& axis, double downsample) {
  const double step = std::abs(axis.step) * usable(downsample);
  return std::isfinite(step) && step > 0.0 ? step : 1.0;
}

Geometry idle_geometry(scene::Mode mode) {
  return {.labels = {"y", "x"},
          .order = {0, 1},
          .displayed = {0, 1},
          .levels = {{0, {1, 1}, {1.0, 1.0}}},
          .current_level = 0,
          .step = {0, 0},
          .margin_left = {0, 0},
          .margin_right = {0, 0},
          .mode = mode};
}

}  // namespace

std::vector<Integers> Geometry::level_shapes() const {
  std::vector<Integers> shapes;
  shapes.reserve(levels.size());
  for (const Level& level : levels) shapes.push_back(level.shape);
  return shapes;
}

bool Geometry::is_displayed(std::int64_t axis) const { return std::ranges::find(displayed, axis) != displayed.end(); }

Geometry geometry_of(const scene::SceneSnapshot& snapshot, const scene::ViewState& view) {
  if (!snapshot.axes || snapshot.axes->axes.empty()) return idle_geometry(scene::Mode::Plane);
  Geometry out;
  for (const scene::Axis& axis : snapshot.axes->axes) out.labels.push_back(axis.label);
  out.order.assign(view.view->order.begin(), view.view->order.end());
  out.displayed.assign(view.view->displayed.begin(), view.view->displayed.end());
  out.mode = view.view->mode;
  out.levels = levels_of(snapshot);
  out.current_level =
      std::clamp<std::int64_t>(view.lod->shown.level, 0, static_cast<std::int64_t>(out.levels.size()) - 1);
  const Level& level = out.levels[static_cast<std::size_t>(out.current_level)];
  for (std::size_t i = 0; i < out.labels.size(); ++i) {
    out.step.push_back(index_at_level(view.index->value.at(i), level.downsample[i], level.shape[i]));
    const double step = step_world(snapshot.axes->axes[i], level.downsample[i]);
    out.margin_left.push_back(view.margins->left.at(i) / step);
    out.margin_right.push_back(view.margins->right.at(i) / step);
  }
  return out;
}

const scene::ViewState& view_of(const scene::SceneSnapshot& snapshot, const scene::ViewId& id) {
  const scene::ViewState* view = snapshot.find_view(id);
  ND_CHECK(view != nullptr, "the view that a frame is printed for exists");
  return *view;
}

Extent extent_of(std::int64_t size) { return {0.0, static_cast<double>(std::max<std::int64_t>(size - 1, 0)), 1.0}; }

}  // namespace original

namespace {

/// Rounded and clamped to [0, size), without leaving the range of int64 on the way.
std::int64_t clamped_round(double position, std::int64_t size) {
  const double last = static_cast<double>(std::max<std::int64_t>(size, 1) - 1);
  return static_cast<std::int64_t>(std::clamp(std::round(position), 0.0, last));
}

struct AxisAtLevel {
  std::size_t axis = 0;
  double downsample = 1.0;
  std::int64_t size = 1;
  std::int64_t size_at_level_0 = 1;
  std::int64_t step = 0;
  double step_world = 1.0;
  double margin_left = 0.0;
  double margin_right = 0.0;
};

std::optional<AxisAtLevel> axis_at_level(const scene::SceneSnapshot& snapshot, const scene::ViewId& id,
                                         std::string_view axis) {
  const scene::ViewState* view = snapshot.find_view(id);
  if (!view || !snapshot.axes) return std::nullopt;
  const auto position = scene::axis_position(*snapshot.axes, axis);
  if (!position) return std::nullopt;
  const auto i = static_cast<std::size_t>(*position);
  const original::Geometry geometry = original::geometry_of(snapshot, *view);
  const original::Level& level = geometry.levels[static_cast<std::size_t>(geometry.current_level)];
  const scene::Axis& found = snapshot.axes->axes[i];
  return AxisAtLevel{.axis = i,
                     .downsample = level.downsample[i],
                     .size = level.shape[i],
                     .size_at_level_0 = found.size,
                     .step = geometry.step[i],
                     .step_world = original::step_world(found, level.downsample[i]),
                     .margin_left = geometry.margin_left[i],
                     .margin_right = geometry.margin_right[i]};
}

scene::Intent index_intent(const std::string& axis, const AxisAtLevel& at, std::int64_t step) {
  const std::int64_t clamped = std::clamp<std::int64_t>(step, 0, std::max<std::int64_t>(at.size, 1) - 1);
  return scene::SetIndex{axis, index_from_level(clamped, at.downsample, at.size_at_level_0)};
}

}  // namespace

std::int64_t index_at_level(std::int64_t index, double downsample, std::int64_t size) {
  return clamped_round(static_cast<double>(index) / original::usable(downsample), size);
}

std::int64_t index_from_level(std::int64_t step, double downsample, std::int64_t size_at_level_0) {
  return clamped_round(static_cast<double>(step) * original::usable(downsample), size_at_level_0);
}

scene::Intent from_original(const scene::Intent& intent, const scene::SceneSnapshot& snapshot,
                            const scene::ViewId& view) {
  if (const auto* set = std::get_if<scene::SetIndex>(&intent)) {
    const auto at = axis_at_level(snapshot, view, set->axis);
    return at ? index_intent(set->axis, *at, set->index) : intent;
  }
  if (const auto* delta = std::get_if<scene::StepIndex>(&intent)) {
    const auto at = axis_at_level(snapshot, view, delta->axis);
    // Both are within ±2^53, so the sum does not overflow.
    return at ? index_intent(delta->axis, *at, at->step + delta->delta) : intent;
  }
  if (const auto* margin = std::get_if<scene::SetMargin>(&intent)) {
    const auto at = axis_at_level(snapshot, view, margin->axis);
    return at ? scene::SetMargin{margin->axis, margin->side, margin->world * at->step_world} : intent;
  }
  return intent;
}

std::optional<Json> original_dims_value(const scene::SceneSnapshot& snapshot, const scene::ViewId& view,
                                        std::string_view axis, scene::Key key) {
  const auto at = axis_at_level(snapshot, view, axis);
  if (!at) return std::nullopt;
  if (key == scene::Key::Index) return at->step;
  if (key == scene::Key::MarginLeft) return at->margin_left;
  if (key == scene::Key::MarginRight) return at->margin_right;
  return std::nullopt;
}

}  // namespace ndcast::protocol
