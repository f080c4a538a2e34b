// Keys of scope dims: where the sliders stand, what lies around them, whether they play. The target is an axis, or
// VIEW/AXIS for another view's.

#include "protocol/described.h"
#include "protocol/native.h"
#include "protocol/state_scopes.h"
#include "protocol/state_value.h"
#include "protocol/values.h"

namespace ndcast::protocol {
namespace {

using scene::StateCode;

struct AxisTarget {
  scene::ViewId view;
  std::string axis;
};

/// A label may hold a slash, so the whole target is an axis before its front is a view.
AxisTarget split_target(const ScopeRequest& request) {
  const std::size_t slash = request.target.find('/');
  if (slash == std::string_view::npos || !request.snapshot.axes ||
      scene::axis_position(*request.snapshot.axes, request.target)) {
    return {request.own_view, std::string(request.target)};
  }
  const scene::ViewId view = view_from_wire(request.target.substr(0, slash), request.own_view);
  if (!request.snapshot.find_view(view)) return {request.own_view, std::string(request.target)};
  return {view, std::string(request.target.substr(slash + 1))};
}

/// The original's client calls an axis "axis-2" while it knows no labels.
std::string axis_name(const scene::SceneSnapshot& snapshot, const std::string& axis) {
  constexpr std::string_view kPrefix = "axis-";
  if (!snapshot.axes || scene::axis_position(*snapshot.axes, axis) || !axis.starts_with(kPrefix)) return axis;
  const std::string number = axis.substr(kPrefix.size());
  return scene::axis_position(*snapshot.axes, number) ? number : axis;
}

/// Margins and play.
Understanding parse_axis_register(const ScopeRequest& request, const scene::KeySpec& spec, AxisTarget target) {
  auto value = parse_value(request, spec.type);
  if (!value) return std::unexpected(std::move(value).error());
  Json echo = to_json(*value);
  if (const auto* play = std::get_if<std::optional<scene::Play>>(&*value)) {
    return Understood{target.view, scene::SetPlay{std::move(target.axis), *play}, std::move(echo)};
  }
  return Understood{target.view, scene::SetMargin{std::move(target.axis), spec.key, std::get<double>(*value)},
                    std::move(echo)};
}

}  // namespace

Understanding parse_dims_key(const ScopeRequest& request) {
  const scene::KeySpec* spec = scene::find_key(scene::Scope::Dims, request.key);
  if (!spec && request.key != "step") return refuse_key(request);
  if (request.target.empty()) return refuse(StateCode::Invalid, "dims axis target required");
  AxisTarget target = split_target(request);
  target.axis = axis_name(request.snapshot, target.axis);
  if (spec && spec->key != scene::Key::Index) return parse_axis_register(request, *spec, std::move(target));
  const auto number = described::parse<std::int64_t>(request.value, "");
  if (!number) return refuse_value(request, "an integer");
  if (request.key == "index") return Understood{target.view, scene::SetIndex{target.axis, *number}, *number};
  return Understood{target.view, scene::StepIndex{target.axis, *number}, *number};
}

}  // namespace ndcast::protocol
