#include "auth/roles.h"

namespace ndcast::auth {

std::string_view to_string(Role role) {
  switch (role) {
    case Role::Viewer:
      return "viewer";
    case Role::Editor:
      return "editor";
    case Role::Admin:
      return "admin";
  }
  return "viewer";
}

std::optional<Role> parse_role(std::string_view name) {
  for (const Role role : {Role::Viewer, Role::Editor, Role::Admin}) {
    if (name == to_string(role)) return role;
  }
  return std::nullopt;
}

}  // namespace ndcast::auth
