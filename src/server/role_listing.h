#pragma once
// The role table as people and programs read it: `ndcast schema --roles`.

#include <string>

#include "base/json.h"

namespace ndcast::server {

/// {"roles":[…], "state":[{scope, key, viewer, editor, admin}], "commands":[…], "paths":[…]}: what this build serves.
Json roles_json();
/// The same, in columns.
std::string roles_text();

}  // namespace ndcast::server
