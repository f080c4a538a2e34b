#pragma once
// Who may do what: three roles, each able to do all that the one before it can.

#include <optional>
#include <string_view>

namespace ndcast::auth {

enum class Role {
  Viewer,  ///< looks, and moves its own view
  Editor,  ///< changes layers and settings, opens images
  Admin,   ///< manages rooms and sessions
};

constexpr bool may_act_as(Role role, Role needed) { return role >= needed; }

/// "viewer", "editor", "admin".
std::string_view to_string(Role role);
std::optional<Role> parse_role(std::string_view name);

}  // namespace ndcast::auth
