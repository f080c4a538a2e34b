#pragma once
// Every (scope, key) that a state.update may carry here, with the form of its value: what capabilities list and what
// the schema describes. Made from the key table of scene, the camera verbs, and the lists of supported.h.
//
//   for (const KeyForm& form : key_forms()) …     // {"layer", "blending", "Blending", {"translucent", …}}

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
  std::vector<std::string_view> words;  ///< the words that are done, for enumerations
  Json (*schema)(described::Definitions&);
};

/// In the order of protocol.md §4.
std::vector<KeyForm> key_forms();

/// Schema of the values of a register key.
Json value_schema(scene::ValueType type, described::Definitions& definitions);

}  // namespace ndcast::protocol
