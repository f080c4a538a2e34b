#include "session/world_argument.h"

#include <algorithm>
#include <cmath>
#include <string>

#include <fmt/format.h>

namespace ndcast::session {
namespace {

/// Calls set(axis number, value, name of the value for messages) for each axis that is named.
template <class Set>
Result<void> for_axes(const Json& given, std::string_view name, const scene::AxesSpec& axes, Set&& set) {
  if (!given.is_object()) return fail(ErrorCode::Invalid, "{}: expected an object of axes", name);
  for (const auto& [label, value] : given.object()) {
    const auto axis = std::ranges::find(axes.axes, label, &scene::Axis::label);
    if (axis == axes.axes.end()) {
      return fail(ErrorCode::Invalid, "{}: there is no axis \"{}\"", name, label.substr(0, 64));
    }
    ND_TRY(set(static_cast<std::size_t>(axis - axes.axes.begin()), value,
               fmt::format("{}: {}", name, label.substr(0, 64))));
  }
  return {};
}

}  // namespace

std::vector<double> position_of(const scene::AxesSpec& axes, const scene::IndexBlock& index) {
  std::vector<double> world;
  for (std::size_t i = 0; i < axes.axes.size(); ++i) {
    const scene::Axis& axis = axes.axes[i];
    world.push_back(axis.start + axis.step * static_cast<double>(i < index.value.size() ? index.value[i] : 0));
  }
  return world;
}

namespace {

/// World units from the origin, such that products of a few of them stay numbers: the Milky Way is 1e30 nm wide.
constexpr double kFarthest = 1e30;

}  // namespace

Result<double> finite_number(const Json& value, std::string_view name) {
  const auto number = value.as_double();
  if (!number || !std::isfinite(*number)) {
    return fail(ErrorCode::Invalid, "{}: expected a number, found {}", name, to_string(value).substr(0, 64));
  }
  if (std::abs(*number) > kFarthest) {
    return fail(ErrorCode::Invalid, "{}: expected a number of at most {:.0e}, found {:.3g}", name, kFarthest, *number);
  }
  return *number;
}

Result<void> read_world(const Json& given, std::string_view name, const scene::AxesSpec& axes,
                        std::vector<double>& world) {
  return for_axes(given, name, axes, [&](std::size_t axis, const Json& value, const std::string& what) -> Result<void> {
    ND_ASSIGN(world[axis], finite_number(value, what));
    return {};
  });
}

Result<void> read_ranges(const Json& given, std::string_view name, const scene::AxesSpec& axes,
                         std::vector<std::array<double, 2>>& world) {
  return for_axes(given, name, axes, [&](std::size_t axis, const Json& value, const std::string& what) -> Result<void> {
    if (!value.is_array()) {
      ND_ASSIGN(const double at, finite_number(value, what));
      world[axis] = {at, at};
      return {};
    }
    if (value.array().size() != 2) {
      return fail(ErrorCode::Invalid, "{}: expected a number or [low, high], found {}", what,
                  to_string(value).substr(0, 64));
    }
    ND_ASSIGN(const double one, finite_number(value.array()[0], what));
    ND_ASSIGN(const double other, finite_number(value.array()[1], what));
    world[axis] = {std::min(one, other), std::max(one, other)};
    return {};
  });
}

}  // namespace ndcast::session
