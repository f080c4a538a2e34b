#include "reduce/normalise.h"

#include <algorithm>
#include <cmath>

#include "base/limits.h"
#include "base/value_limits.h"
#include "reduce/reducers.h"
#include "scene/colormap.h"

namespace ndcast::reduce {
namespace {

using namespace scene;
using Normalised = std::expected<Value, Refusal>;
using Point = std::array<double, 2>;

double clamped(const Bounds& bounds, double value) {
  if (bounds.minimum) value = std::max(value, *bounds.minimum);
  if (bounds.maximum) value = std::min(value, *bounds.maximum);
  return value;
}

bool all_finite(const auto& numbers) {
  return std::ranges::all_of(numbers, [](double number) { return std::isfinite(number); });
}

Normalised number(const KeySpec& spec, double value) {
  if (!std::isfinite(value)) return refuse(StateCode::Invalid, "{} {}: expected a finite number", spec.name, value);
  if (spec.bounds.above_zero && !(value > 0.0)) {
    return refuse(StateCode::Invalid, "{} {}: expected a number above 0", spec.name, value);
  }
  return Value(clamped(spec.bounds, value));
}

/// Integers and their bounds are exact in a double (protocol: within ±2^53).
Normalised integer(const KeySpec& spec, std::int64_t value) {
  if (spec.bounds.minimum) value = std::max(value, static_cast<std::int64_t>(*spec.bounds.minimum));
  if (spec.bounds.maximum) value = std::min(value, static_cast<std::int64_t>(*spec.bounds.maximum));
  return Value(value);
}

Normalised window(std::array<double, 2> limits) {
  if (limits[0] > limits[1]) std::swap(limits[0], limits[1]);
  if (limits[0] == limits[1]) {
    return refuse(StateCode::Invalid, "contrast_limits [{}, {}]: expected two different numbers", limits[0], limits[1]);
  }
  if (!std::isfinite(limits[1] - limits[0])) {
    return refuse(StateCode::Invalid, "contrast_limits [{}, {}]: their difference is not a finite number", limits[0],
                  limits[1]);
  }
  return Value(limits);
}

Normalised text(const KeySpec& spec, const std::string& value) {
  if (spec.key == Key::Colormap) {
    std::optional<std::string> name = canonical_colormap(value);
    if (!name) {
      return refuse(StateCode::Invalid, "colormap \"{}\": expected a name from the capabilities or #rrggbb",
                    value.substr(0, 64));
    }
    return Value(std::move(*name));
  }
  if (value.empty() || value.size() > limits::kNameBytes) {
    return refuse(StateCode::Invalid, "{} of {} bytes: expected 1 to {}", spec.name, value.size(), limits::kNameBytes);
  }
  return Value(value);
}

Normalised play(const KeySpec& spec, const std::optional<Play>& value) {
  if (!value) return Value(value);
  if (!std::isfinite(value->fps) || !(value->fps > 0)) {
    return refuse(StateCode::Invalid, "play at {} steps a second: expected a number above 0", value->fps);
  }
  return Value(std::optional(Play{clamped(spec.bounds, value->fps), value->loop}));
}

/// One number an axis, or none.
Normalised placement(const KeySpec& spec, const std::vector<double>& value, const SceneSnapshot& snapshot) {
  const std::size_t axes = snapshot.axes->axes.size();
  if (value.empty()) return Value(value);
  if (value.size() != axes) {
    return refuse(StateCode::Invalid, "{} of {} numbers: expected one an axis, {}", spec.name, value.size(), axes);
  }
  if (!all_finite(value)) return refuse(StateCode::Invalid, "{}: expected finite numbers", spec.name);
  for (const double one : value) {
    const bool fits = spec.key != Key::Scale ? std::abs(one) <= limits::kScaleMax
                                             : std::abs(one) >= limits::kScaleMin && std::abs(one) <= limits::kScaleMax;
    if (fits) continue;
    return refuse(StateCode::Invalid, "{} {}: expected a magnitude {} {:g}", spec.name, one,
                  spec.key == Key::Scale ? fmt::format("from {:g} to", limits::kScaleMin) : "up to", limits::kScaleMax);
  }
  return Value(value);
}

Normalised opacity_curve(std::vector<Point> stops) {
  if (stops.size() == 1 || stops.size() > limits::kOpacityStops) {
    return refuse(StateCode::Invalid, "opacity_curve of {} stops: expected none, or 2 to {}", stops.size(),
                  limits::kOpacityStops);
  }
  for (Point& stop : stops) {
    if (!all_finite(stop)) return refuse(StateCode::Invalid, "opacity_curve: expected finite numbers");
    stop[1] = std::clamp(stop[1], 0.0, 1.0);
  }
  std::ranges::stable_sort(stops, {}, [](const Point& stop) { return stop[0]; });
  if (!stops.empty() && !std::isfinite(stops.back()[0] - stops.front()[0])) {
    return refuse(StateCode::Invalid, "opacity_curve: the values span more than a number holds");
  }
  return Value(std::move(stops));
}

/// False unless `plane` lies somewhere and faces somewhere; its normal becomes as long as 1.
bool straighten(auto& plane) {
  const double length = std::hypot(plane.normal[0], plane.normal[1], plane.normal[2]);
  if (!all_finite(plane.position) || !std::isfinite(length) || length == 0.0) return false;
  for (double& part : plane.normal) part /= length;
  return true;
}

Normalised cut_plane(std::optional<LayerPlane> plane) {
  if (plane && !straighten(*plane)) {
    return refuse(StateCode::Invalid, "plane: expected a finite position and a normal that is not 0");
  }
  return Value(plane);
}

Normalised clip_planes(std::vector<ClipPlane> planes) {
  if (planes.size() > limits::kClipPlanes) {
    return refuse(StateCode::Invalid, "{} clip_planes: expected at most {}", planes.size(), limits::kClipPlanes);
  }
  for (ClipPlane& plane : planes) {
    if (straighten(plane)) continue;
    return refuse(StateCode::Invalid, "clip_planes: expected a finite position and a normal that is not 0");
  }
  return Value(std::move(planes));
}

}  // namespace

Normalised normalise(const KeySpec& spec, const Value& value, const SceneSnapshot& snapshot) {
  if (const auto* one = std::get_if<double>(&value)) return number(spec, *one);
  if (const auto* one = std::get_if<std::int64_t>(&value)) return integer(spec, *one);
  if (const auto* limits = std::get_if<std::array<double, 2>>(&value)) return window(*limits);
  if (const auto* words = std::get_if<std::string>(&value)) return text(spec, *words);
  if (const auto* moving = std::get_if<std::optional<Play>>(&value)) return play(spec, *moving);
  if (const auto* list = std::get_if<std::vector<double>>(&value)) return placement(spec, *list, snapshot);
  if (const auto* stops = std::get_if<std::vector<Point>>(&value)) return opacity_curve(*stops);
  if (const auto* planes = std::get_if<std::vector<ClipPlane>>(&value)) return clip_planes(*planes);
  if (const auto* plane = std::get_if<std::optional<LayerPlane>>(&value)) return cut_plane(*plane);
  return value;
}

}  // namespace ndcast::reduce
