#pragma once
// What somebody wants, typed: the body of a state.update after protocol has parsed it, before a reducer has judged it.
// Camera verbs never become registers here: they travel on to the render thread, which alone mints poses (WP11).

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "scene/register.h"
#include "scene/types.h"

namespace ndcast::scene {

/// factor > 1 shows more. `anchor_px` is the canvas point that stays put; origin at the picture's bottom left.
struct ZoomVerb {
  double factor = 1.0;
  std::array<double, 2> anchor_px{0, 0};
};
/// The content follows the finger: +dx to the right, +dy upwards, in canvas pixels.
struct PanVerb {
  double dx_px = 0.0;
  double dy_px = 0.0;
};
/// Degrees added to azimuth and elevation; 3D only.
struct OrbitVerb {
  double d_az_deg = 0.0;
  double d_el_deg = 0.0;
};
/// Back to the fitted pose of the current mode.
struct ResetVerb {
  std::string reason;
};
/// Sets the members that are given; at least one is. `center` has 2 (plane) or 3 (volume) numbers, `angles` 2 or 3.
struct SetPoseVerb {
  std::optional<std::vector<double>> center;
  std::optional<double> zoom;
  std::optional<std::array<double, 4>> rect;
  std::optional<std::vector<double>> angles;
  std::optional<double> distance;
  std::optional<double> fov;
};
using CameraVerb = std::variant<ZoomVerb, PanVerb, OrbitVerb, ResetVerb, SetPoseVerb>;

/// A camera verb on its way to the render thread, tagged with what its author looked at.
struct CameraIntent {
  CameraVerb verb;
  Mode mode = Mode::Plane;
  std::uint32_t view_epoch = 0;  ///< one a change of the view's mode or canvas
  Canvas canvas;
  std::uint64_t camera_seq = 0;  ///< rises by one an accepted camera update of the view
};

struct SetNdisplay {
  int ndisplay = 2;
};
struct SetOrder {
  std::vector<std::int64_t> order;
};
struct SetCanvas {
  Canvas canvas;
};
/// `axis` is a label or a decimal number.
struct SetIndex {
  std::string axis;
  std::int64_t index = 0;
};
struct StepIndex {
  std::string axis;
  std::int64_t delta = 0;
};
/// `side` is Key::MarginLeft or Key::MarginRight; world units.
struct SetMargin {
  std::string axis;
  Key side{};
  double world = 0.0;
};
struct SetPlay {
  std::string axis;
  std::optional<Play> play;
};
struct LockLevel {
  std::optional<std::int64_t> level;
};
struct SetBias {
  std::int64_t bias = 0;
};
struct SetSetting {
  Key key{};
  Value value;
};
/// One control of one layer. An empty id means the first image layer (the `volume` and original `layer-0` aliases).
struct SetLayerControl {
  LayerId layer;
  Key key{};
  Value value;
};

using Intent = std::variant<SetNdisplay, SetOrder, SetCanvas, SetIndex, StepIndex, SetMargin, SetPlay, LockLevel,
                            SetBias, SetSetting, SetLayerControl, CameraVerb>;

/// Enumerated refusals of a state.update (WP9).
enum class StateCode { Invalid, UnknownTarget, Stale, Forbidden, Unsupported, RateLimited, Error };

/// "state.invalid", "state.unknown_target", …, "rate.limited".
std::string_view to_string(StateCode);

struct Refusal {
  StateCode code = StateCode::Invalid;
  std::string message;
};

}  // namespace ndcast::scene
