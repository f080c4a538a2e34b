#include "session/role_table.h"

#include "scene/register.h"

namespace ndcast::session {
namespace {

using auth::Role;

constexpr Reach reach_if(bool condition) { return condition ? Reach::Always : Reach::Never; }

}  // namespace

std::string_view to_string(Reach reach) {
  switch (reach) {
    case Reach::Never:
      return "never";
    case Reach::OwnView:
      return "own view";
    case Reach::Always:
      return "always";
  }
  return "never";
}

Reach reach_of(Role role, std::string_view scope, std::string_view key) {
  switch (scene::min_role_of(scope, key).value_or(scene::MinRole::Admin)) {
    case scene::MinRole::Viewer:
      return role == Role::Viewer ? Reach::OwnView : Reach::Always;
    case scene::MinRole::Editor:
      return reach_if(auth::may_act_as(role, Role::Editor));
    case scene::MinRole::Server:
    case scene::MinRole::Admin:
      return reach_if(role == Role::Admin);
  }
  return Reach::Never;
}

bool may_update(Role role, std::string_view scope, std::string_view key, bool owns_view) {
  const Reach reach = reach_of(role, scope, key);
  return reach == Reach::Always || (reach == Reach::OwnView && owns_view);
}

Role least_role(std::string_view scope, std::string_view key, bool owns_view) {
  for (const Role role : {Role::Viewer, Role::Editor}) {
    if (may_update(role, scope, key, owns_view)) return role;
  }
  return Role::Admin;
}

}  // namespace ndcast::session
