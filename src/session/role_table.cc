#include "session/role_table.h"

#include <algorithm>
#include <array>

namespace ndcast::session {
namespace {

using auth::Role;

constexpr std::array kScopeRoles = {
    ScopeRole{"view", Role::Viewer},     ScopeRole{"dims", Role::Viewer},       ScopeRole{"camera", Role::Viewer},
    ScopeRole{"layer", Role::Editor},    ScopeRole{"multiscale", Role::Viewer}, ScopeRole{"volume", Role::Editor},
    ScopeRole{"settings", Role::Editor},
};

}  // namespace

std::span<const ScopeRole> scope_roles() { return kScopeRoles; }

auth::Role role_for_scope(std::string_view scope) {
  const auto it = std::ranges::find(kScopeRoles, scope, &ScopeRole::scope);
  return it == kScopeRoles.end() ? Role::Admin : it->role;
}

}  // namespace ndcast::session
