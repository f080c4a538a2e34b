// Keys of scope camera: verbs for the render thread, which alone mints poses (WP11).

#include "protocol/describe_scene.h"
#include "protocol/state_scopes.h"

namespace ndcast::protocol {
namespace {

using scene::StateCode;

template <class Verb>
Understanding parse_verb(const ScopeRequest& request) {
  auto verb = described::parse<Verb>(request.value, fmt::format("camera {}", request.key));
  if (!verb) return refuse(StateCode::Invalid, "{}", verb.error().message);
  Json echo = described::print(*verb);
  return Understood{target_view(request), scene::CameraVerb(std::move(*verb)), std::move(echo)};
}

Understanding parse_zoom(const ScopeRequest& request) {
  auto zoom = parse_verb<scene::ZoomVerb>(request);
  if (!zoom) return zoom;
  const double factor = std::get<scene::ZoomVerb>(std::get<scene::CameraVerb>(zoom->intent)).factor;
  if (!(factor > 0.0)) {
    return refuse(StateCode::Invalid, "camera zoom.factor: expected a number above 0, found {}", factor);
  }
  return zoom;
}

/// Any value resets; a text, or a member `reason`, is kept as the reason.
Understanding parse_reset(const ScopeRequest& request) {
  const Json* reason = request.value.is_object() ? request.value.find("reason") : &request.value;
  scene::ResetVerb verb{.reason = "state.update"};
  if (reason && reason->is_string() && !trimmed(reason->string()).empty()) verb.reason = excerpt(reason->string());
  Json echo = described::print(verb);
  return Understood{target_view(request), scene::CameraVerb(std::move(verb)), std::move(echo)};
}

/// What belongs together with the view's mode is the reducer's to say.
Understanding parse_set(const ScopeRequest& request) {
  auto set = parse_verb<scene::SetPoseVerb>(request);
  if (!set) return set;
  if (set->echo.size() == 0) {
    return refuse(StateCode::Invalid, "camera set: expected some of center, zoom, rect, angles, distance, fov");
  }
  const auto& verb = std::get<scene::SetPoseVerb>(std::get<scene::CameraVerb>(set->intent));
  const auto has_size = [](const auto& list, std::size_t a, std::size_t b) {
    return !list || list->size() == a || list->size() == b;
  };
  if (!has_size(verb.center, 2, 3)) return refuse(StateCode::Invalid, "camera set.center: expected 2 or 3 numbers");
  if (!has_size(verb.angles, 2, 3)) return refuse(StateCode::Invalid, "camera set.angles: expected 2 or 3 numbers");
  return set;
}

}  // namespace

Understanding parse_camera_key(const ScopeRequest& request) {
  if (request.key == "zoom") return parse_zoom(request);
  if (request.key == "pan") return parse_verb<scene::PanVerb>(request);
  if (request.key == "orbit") return parse_verb<scene::OrbitVerb>(request);
  if (request.key == "reset") return parse_reset(request);
  if (request.key == "set") return parse_set(request);
  if (scene::find_key(scene::Scope::Camera, request.key)) {
    return refuse(StateCode::Invalid, "camera {} is written by the server alone", request.key);
  }
  return refuse_key(request);
}

}  // namespace ndcast::protocol
