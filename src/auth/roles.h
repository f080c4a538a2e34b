#pragma once
// Three roles, each able to do all that the one before it can; role_table.h says what that is.

#include <optional>
#include <string_view>

namespace ndcast::auth {

enum class Role {
  Viewer,  ///< looks, and moves views of its own
  Editor,  ///< changes everything in the scene, opens images
  Admin,   ///< also manages other people's sessions
};

constexpr bool may_act_as(Role role, Role needed) { return role >= needed; }

/// "viewer", "editor", "admin".
std::string_view to_string(Role role);
std::optional<Role> parse_role(std::string_view name);

}  // namespace ndcast::auth
