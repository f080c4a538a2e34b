#pragma once
// Reading fields of metadata documents, with errors that say which file, which field, what was found and what was
// expected. `where` always opens the message.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace ndcast::image {

/// A member that has to be there. The pointer is never null and lives as long as `object`. Errors: Invalid.
Result<const Json*> require_field(const Json& object, std::string_view key, std::string_view where);

/// A list of at most limits::kDimensions integers, each at least `least`. Errors: Invalid, Limit.
Result<std::vector<std::int64_t>> parse_extents(const Json& value, std::int64_t least, std::string_view where);

/// A number, also one written as a string ("255", "1e3"), as tools in the wild do. Nothing for others and for numbers
/// that are not finite.
std::optional<double> lenient_number(const Json* value);

/// An object's text, shortened for a message.
std::string quoted(const Json& value);

}  // namespace ndcast::image
