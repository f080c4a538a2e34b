#pragma once
// What this server does, as welcome.nd.capabilities tells a native client: what is kept but not drawn is marked
// (protocol.md §3).
//
//   Capabilities capabilities = make_capabilities({"fs.listdir"}, {"x264"});

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"

namespace ndcast::protocol {

/// One key that a state.update may carry.
struct KeyCapability {
  std::string scope;
  std::string key;
  std::string type;  ///< name of the value's schema definition: "boolean", "integer", "Canvas", "ZoomVerb", …
  std::optional<std::vector<std::string>> words;  ///< printed as `enum`
  std::optional<double> minimum;
  std::optional<double> maximum;
  std::optional<Json> default_value;  ///< printed as `default`
  /// The least role that may send it, in the view that the welcome is for, and in a view of one's own; session owns the
  /// table of roles and fills them in.
  std::string role;
  std::string own_role;
};

struct ColormapCapability {
  std::string name;
  std::vector<std::string> stops;  ///< evenly spaced from low to high, "#rrggbb"
};

struct Capabilities {
  std::vector<KeyCapability> keys;
  std::vector<std::string> commands;
  std::vector<ColormapCapability> colormaps;
  std::map<std::string, std::int64_t> limits;
  std::vector<std::string> encoders;
};

/// Keys, colour maps and limits come from the tables of this build; the keys' roles are left empty.
Capabilities make_capabilities(std::vector<std::string> commands, std::vector<std::string> encoders);

}  // namespace ndcast::protocol
