#pragma once
// Who may send which key of state.update (WP1), from the key table of scene. Commands name their least role in the
// command table (command_registry.h), paths in auth/role_table.h.
//
//   if (!may_update(session.role, "layer", "opacity", owns_view)) → state.forbidden
//
// A viewer looks: it changes nothing that others see. What moves a view (view, dims, camera, multiscale) it may send to
// a view of its own only (session/views.h, owns_view()).

#include <string_view>

#include "auth/roles.h"

namespace ndcast::session {

/// How far a role's updates of a key reach.
enum class Reach {
  Never,
  OwnView,  ///< in a view of the session's own: owns_view() in session/views.h
  Always,
};
/// "never", "own view", "always".
std::string_view to_string(Reach reach);

/// A key that is not in the table reaches nobody but an admin: a forgotten row locks out rather than lets in.
Reach reach_of(auth::Role role, std::string_view scope, std::string_view key);

bool may_update(auth::Role role, std::string_view scope, std::string_view key, bool owns_view);

/// The least role that may send the key, to a view of its own or to a shared one.
auth::Role least_role(std::string_view scope, std::string_view key, bool owns_view);

}  // namespace ndcast::session
