#pragma once
// Every (scope, key) that a state.update may carry here, with the form of its value: what capabilities list, what
// the schema describes and docs/protocol.md tables. Made from the tables of scene/register.h.
//
//   for (const KeyForm& form : key_forms()) …     // {"layer", "blending", "Blending", {"translucent", …}}

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/described.h"
#include "scene/register.h"

namespace ndcast::protocol {

struct KeyForm {
  std::string_view scope;
  std::string_view key;
  std::string type;                     ///< as capabilities print it
  std::vector<std::string_view> words;  ///< of an enumeration
  Json (*schema)(described::Definitions&);
  scene::MinRole min_role = scene::MinRole::Viewer;
  scene::Bounds bounds;
  std::optional<scene::Value> default_value;
  std::string_view doc;
};

/// In the order of protocol.md §4.
std::vector<KeyForm> key_forms();

/// The keys as a table of docs/protocol.md: one row a key, Markdown.
std::string key_table_markdown();

/// Schema of the values of a register key.
Json value_schema(scene::ValueType type, described::Definitions& definitions);

}  // namespace ndcast::protocol
