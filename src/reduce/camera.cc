// Camera verbs: judged here, applied by the render thread, which alone mints poses (WP11).

#include <algorithm>
#include <cmath>

#include "reduce/reducers.h"

namespace ndcast::reduce {
namespace {

using namespace scene;
using Judged = std::optional<Refusal>;

Refusal invalid(std::string message) { return {StateCode::Invalid, std::move(message)}; }

bool all_finite(const auto& numbers) {
  return std::ranges::all_of(numbers, [](double number) { return std::isfinite(number); });
}

Judged judge(const ViewBlock&, const ZoomVerb& verb) {
  if (!(verb.factor > 0.0) || !std::isfinite(verb.factor)) {
    return invalid(fmt::format("zoom factor {}: expected a number above 0", verb.factor));
  }
  if (!all_finite(verb.anchor_px)) return invalid("zoom anchor_px: expected two finite numbers");
  return std::nullopt;
}

Judged judge(const ViewBlock&, const PanVerb& verb) {
  if (!std::isfinite(verb.dx_px) || !std::isfinite(verb.dy_px)) return invalid("pan: expected finite dx_px and dy_px");
  return std::nullopt;
}

Judged judge(const ViewBlock& view, const OrbitVerb& verb) {
  if (view.mode != Mode::Volume) return invalid("orbit turns a 3D view; this view is 2D (ndisplay 2)");
  if (!std::isfinite(verb.d_az_deg) || !std::isfinite(verb.d_el_deg)) {
    return invalid("orbit: expected finite d_az_deg and d_el_deg");
  }
  return std::nullopt;
}

Judged judge(const ViewBlock&, const ResetVerb&) { return std::nullopt; }

Judged judge_plane(const SetPoseVerb& verb) {
  if (verb.angles || verb.distance || verb.fov)
    return invalid("camera set: angles, distance and fov belong to a 3D view");
  if (verb.center && verb.center->size() != 2) {
    return invalid(fmt::format("camera set: center has {} numbers, expected 2 in 2D", verb.center->size()));
  }
  if (verb.zoom && !(*verb.zoom > 0.0)) return invalid("camera set: expected a zoom above 0");
  if (verb.rect && !((*verb.rect)[2] > 0.0 && (*verb.rect)[3] > 0.0)) {
    return invalid("camera set: expected a rect [left, bottom, width, height] with positive width and height");
  }
  return std::nullopt;
}

Judged judge_volume(const SetPoseVerb& verb) {
  if (verb.rect || verb.zoom) return invalid("camera set: rect and zoom belong to a 2D view");
  if (verb.center && verb.center->size() != 3) {
    return invalid(fmt::format("camera set: center has {} numbers, expected 3 in 3D", verb.center->size()));
  }
  if (verb.angles && verb.angles->size() != 2 && verb.angles->size() != 3) {
    return invalid("camera set: expected angles [azimuth, elevation] or [azimuth, elevation, roll] in degrees");
  }
  if (verb.distance && !(*verb.distance > 0.0)) return invalid("camera set: expected a distance above 0");
  if (verb.fov && *verb.fov != 0.0 && !(*verb.fov >= kMinFovDeg && *verb.fov <= kMaxFovDeg)) {
    return invalid(fmt::format("camera set: fov {}: expected 0 (orthographic), or {} to {} degrees", *verb.fov,
                               kMinFovDeg, kMaxFovDeg));
  }
  return std::nullopt;
}

Judged judge(const ViewBlock& view, const SetPoseVerb& verb) {
  if (!verb.center && !verb.zoom && !verb.rect && !verb.angles && !verb.distance && !verb.fov) {
    return invalid("camera set: expected at least one of center, zoom, rect, angles, distance, fov");
  }
  const std::vector<double> none;
  const std::array<double, 3> scalars = {verb.zoom.value_or(1), verb.distance.value_or(1), verb.fov.value_or(1)};
  if (!all_finite(verb.center.value_or(none)) || !all_finite(verb.angles.value_or(none)) || !all_finite(scalars) ||
      (verb.rect && !all_finite(*verb.rect))) {
    return invalid("camera set: expected finite numbers");
  }
  return view.mode == Mode::Plane ? judge_plane(verb) : judge_volume(verb);
}

}  // namespace

Outcome reduce_one(const SceneSnapshot&, const ViewState& state, const CameraVerb& verb) {
  const Judged refusal = std::visit([&](const auto& body) { return judge(*state.view, body); }, verb);
  if (refusal) return std::unexpected(*refusal);
  Reduction reduction;
  reduction.camera = verb;
  return reduction;
}

}  // namespace ndcast::reduce
