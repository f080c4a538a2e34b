#pragma once
// One node of a zarr hierarchy: is there an array or a group at this key, in which format, with which attributes?

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "image/store.h"

namespace ndcast::image {

struct Node {
  enum class Kind { Missing, Group, Array };
  Kind kind = Kind::Missing;
  int zarr_format = 0;
  /// The whole document of the array ("zarr.json" or ".zarray"); null for groups.
  Json document;
  /// User attributes, an object.
  Json attributes = Json::make_object();
  /// Key of the document, for messages.
  std::string where;
};

/// v3 is tried first, then v2; a v2 group may lack ".zgroup" when it has ".zattrs". An array's unreadable ".zattrs"
/// is taken as empty, a group's is an error. Errors: Invalid, Io, Limit, Forbidden.
Result<Node> read_node(const Store& store, std::string_view path);

/// A JSON document, or nothing when the key is not there. Bare NaN and Infinity, as Python writes them, become strings.
/// Errors: Invalid (not JSON), Limit, Io.
Result<std::optional<Json>> read_json(const Store& store, const std::string& key);

}  // namespace ndcast::image
