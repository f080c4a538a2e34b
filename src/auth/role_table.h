#pragma once
// Who may do what (WP1): one table of roles × state keys, commands and paths. Sessions and routes ask it, welcomes and
// `ndcast schema --roles` print it, and the tests try each of its cells.
//
//   if (!may_update(session.role, "layer", "opacity", owns_view)) → state.forbidden
//   constexpr Role needed = role_of_command("fs.listdir");         // a command that is not in the table does not
//   compile
//
// A viewer looks: it changes nothing that others see. What moves a view (dims, camera, level, canvas) it may send to a
// view of its own only, one that it forked.

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "auth/roles.h"

namespace ndcast::auth {

/// How far a role's updates of a key reach.
enum class Reach {
  Never,
  OwnView,  ///< in a view that the session forked, which nobody else is shown
  Always,
};
/// "never", "own view", "always".
std::string_view to_string(Reach reach);

struct StateRule {
  std::string_view scope;
  std::string_view key;  ///< "*": all that have no row of their own
  Reach viewer;
  Reach editor;
  Reach admin;
  constexpr Reach of(Role role) const { return role == Role::Admin ? admin : role == Role::Editor ? editor : viewer; }
};

inline constexpr std::array kStateRules = {
    StateRule{"view", "*", Reach::OwnView, Reach::Always, Reach::Always},
    StateRule{"dims", "*", Reach::OwnView, Reach::Always, Reach::Always},
    StateRule{"camera", "*", Reach::OwnView, Reach::Always, Reach::Always},
    StateRule{"multiscale", "*", Reach::OwnView, Reach::Always, Reach::Always},
    StateRule{"layer", "*", Reach::Never, Reach::Always, Reach::Always},
    StateRule{"volume", "*", Reach::Never, Reach::Always, Reach::Always},
    StateRule{"settings", "*", Reach::Never, Reach::Always, Reach::Always},
};

/// A forgotten row locks out rather than lets in.
inline constexpr StateRule kUnlistedState{"*", "*", Reach::Never, Reach::Never, Reach::Always};

constexpr const StateRule& state_rule(std::string_view scope, std::string_view key) {
  const StateRule* found = &kUnlistedState;
  for (const StateRule& rule : kStateRules) {
    if (rule.scope != scope) continue;
    if (rule.key == key) return rule;
    if (rule.key == "*") found = &rule;
  }
  return *found;
}

constexpr bool may_update(Role role, std::string_view scope, std::string_view key, bool owns_view) {
  const Reach reach = state_rule(scope, key).of(role);
  return reach == Reach::Always || (reach == Reach::OwnView && owns_view);
}

/// The least role that may send the key, to a view of its own or to a shared one.
constexpr Role least_role(std::string_view scope, std::string_view key, bool owns_view) {
  for (const Role role : {Role::Viewer, Role::Editor}) {
    if (may_update(role, scope, key, owns_view)) return role;
  }
  return Role::Admin;
}

struct CommandRule {
  std::string_view name;
  Role least;
};

/// Every command of docs/protocol.md §8, sorted; a build may serve fewer.
inline constexpr std::array kCommandRules = {
    CommandRule{"fs.listdir", Role::Editor},
    CommandRule{"napari.load_zarr", Role::Editor},
    CommandRule{"napari.pixel.request_keyframe", Role::Viewer},
    CommandRule{"nd.contrast.auto", Role::Editor},
    CommandRule{"nd.histogram", Role::Viewer},
    CommandRule{"nd.history", Role::Viewer},
    CommandRule{"nd.layer.add", Role::Editor},
    CommandRule{"nd.layer.remove", Role::Editor},
    CommandRule{"nd.pixel_ticket", Role::Viewer},
    CommandRule{"nd.probe", Role::Viewer},
    CommandRule{"nd.redo", Role::Editor},
    CommandRule{"nd.screenshot", Role::Viewer},
    CommandRule{"nd.session.close", Role::Admin},
    CommandRule{"nd.session.list", Role::Admin},
    CommandRule{"nd.undo", Role::Editor},
    CommandRule{"nd.view.close", Role::Viewer},
    CommandRule{"nd.view.follow", Role::Viewer},
    CommandRule{"nd.view.fork", Role::Viewer},
    CommandRule{"nd.wait_until", Role::Viewer},
};
static_assert(std::ranges::is_sorted(kCommandRules, {}, &CommandRule::name));

consteval Role role_of_command(std::string_view name) {
  const auto* const rule = std::ranges::find(kCommandRules, name, &CommandRule::name);
  if (rule == kCommandRules.end()) throw "the command has no row in kCommandRules";
  return rule->least;
}

/// Paths by method; the WebSocket channels are GETs. Paths that are not here need a token of any role and are not
/// found.
struct PathRule {
  std::string_view method;
  std::string_view path;
  std::optional<Role> least;  ///< nothing: open to everybody
  std::string_view what;
};

inline constexpr std::array kPathRules = {
    PathRule{"GET", "/", std::nullopt, "the viewer's files"},
    PathRule{"GET", "/healthz", std::nullopt, "whether the process answers"},
    PathRule{"GET", "/state", Role::Viewer, "state channel; its token may come in the hello"},
    PathRule{"GET", "/pixels", Role::Viewer, "pixel channel; its token is the ticket"},
    PathRule{"GET", "/api/v1/scene", Role::Viewer, "the scene as a file"},
};

constexpr const PathRule* path_rule(std::string_view path) {
  const auto* const rule = std::ranges::find(kPathRules, path, &PathRule::path);
  return rule == kPathRules.end() ? nullptr : rule;
}

}  // namespace ndcast::auth
