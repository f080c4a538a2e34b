#pragma once
// Places in the world as commands name them: {"x": 12.5, …} over where the caller's view is.
//
//   std::vector<double> world = position_of(axes, *view->index);
//   ND_TRY(read_world(kwargs.at("world"), "world", axes, world));

#include <array>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "scene/snapshot.h"

namespace ndcast::session {

/// One coordinate a scene axis.
std::vector<double> position_of(const scene::AxesSpec& axes, const scene::IndexBlock& index);

// Errors: Invalid, naming the argument, what was expected and what was found.

Result<double> finite_number(const Json& value, std::string_view name);

/// Sets the coordinates that `given` names.
Result<void> read_world(const Json& given, std::string_view name, const scene::AxesSpec& axes,
                        std::vector<double>& world);

/// As read_world(), of places and of ranges: {"x": [10, 20], "z": 3}. The lower end comes first.
Result<void> read_ranges(const Json& given, std::string_view name, const scene::AxesSpec& axes,
                         std::vector<std::array<double, 2>>& world);

}  // namespace ndcast::session
