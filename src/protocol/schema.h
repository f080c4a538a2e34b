#pragma once
// The one schema: JSON Schema (2020-12) of every frame, every register value and the scene file, made from the same
// C++ types and tables that parse and print them. `ndcast schema` prints it; TypeScript types are generated from it.
//
// The root has a property for each thing there is (client_frame, server_frame, scene_file); $defs holds every named
// type, with additionalProperties false where the parser is strict.

#include "base/json.h"

namespace ndcast::protocol {

Json schema_json();

}  // namespace ndcast::protocol
