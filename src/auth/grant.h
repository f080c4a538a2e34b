#pragma once
// What a good token gives, and why a bad one gives nothing: the two answers of Authority::judge() (authority.h), which
// travel to the session that enters with it (session/handshake.h).

#include <optional>
#include <string>
#include <string_view>

#include "auth/roles.h"

namespace ndcast::auth {

struct Grant {
  Grant() = default;
  /// A role by itself: every room, no name, no end.
  Grant(Role granted) : role(granted) {}  // NOLINT(google-explicit-constructor): the printed link's grant is a role

  Role role = Role::Viewer;
  std::optional<std::string> room;       ///< the only room it opens; nothing: any
  std::string subject;                   ///< who it was made for, shown as the actor; empty: the client says
  std::optional<double> expires_unix_s;  ///< the session ends then; nothing: never

  bool opens_room(std::string_view name) const { return !room || *room == name; }
};

enum class Denial {
  Required,  ///< no token: "auth.required"
  Invalid,   ///< one that this server does not accept: "auth.invalid"
  Expired,   ///< one that it did accept until lately: "auth.expired"
};

/// "auth.required", "auth.invalid", "auth.expired".
std::string_view to_string(Denial denial);

struct Denied {
  Denial denial = Denial::Invalid;
  std::string message;  ///< a sentence for the client and the log; no part of a token is in it
};

}  // namespace ndcast::auth
