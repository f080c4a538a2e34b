#pragma once
// The least role for each scope of state.update (WP1); commands name theirs in the command table (command_registry.h).

#include <span>
#include <string_view>

#include "auth/roles.h"

namespace ndcast::session {

struct ScopeRole {
  std::string_view scope;
  auth::Role role;
};

/// Every scope that a client may write.
std::span<const ScopeRole> scope_roles();

/// Admin for a scope that is not in the table, so that a forgotten row locks out rather than lets in.
auth::Role role_for_scope(std::string_view scope);

}  // namespace ndcast::session
