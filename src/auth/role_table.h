#pragma once
// Who may do what (WP1): roles × commands and paths; state keys have their least role in the key table
// (scene/register.h, read through session/role_table.h). Sessions and routes ask, welcomes and `ndcast schema --roles`
// print, and the tests try each cell.
//
//   constexpr Role needed = role_of_command("fs.listdir");  // a command that is not in the table does not compile

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "auth/roles.h"

namespace ndcast::auth {

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
    CommandRule{"nd.job.cancel", Role::Viewer},
    CommandRule{"nd.job.list", Role::Viewer},
    CommandRule{"nd.layer.add", Role::Editor},
    CommandRule{"nd.layer.remove", Role::Editor},
    CommandRule{"nd.movie", Role::Editor},
    CommandRule{"nd.pixel_ticket", Role::Viewer},
    CommandRule{"nd.probe", Role::Viewer},
    CommandRule{"nd.profile", Role::Viewer},
    CommandRule{"nd.redo", Role::Viewer},
    CommandRule{"nd.region", Role::Viewer},
    CommandRule{"nd.screenshot", Role::Viewer},
    CommandRule{"nd.session.close", Role::Admin},
    CommandRule{"nd.session.list", Role::Admin},
    CommandRule{"nd.stats", Role::Editor},
    CommandRule{"nd.telemetry", Role::Viewer},
    CommandRule{"nd.thumbnails", Role::Viewer},
    CommandRule{"nd.undo", Role::Viewer},
    CommandRule{"nd.view.close", Role::Viewer},
    CommandRule{"nd.view.follow", Role::Viewer},
    CommandRule{"nd.view.fork", Role::Viewer},
    CommandRule{"nd.view.list", Role::Viewer},
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
    PathRule{"GET", "/metrics", Role::Admin, "counters and times, for Prometheus"},
    PathRule{"GET", "/state", Role::Viewer, "state channel; its token may come in the hello"},
    PathRule{"GET", "/pixels", Role::Viewer, "pixel channel; its token is the ticket"},
    PathRule{"GET", "/api/v1/blob/ID", Role::Viewer, "a movie or a picture, by the address that its command answered"},
    PathRule{"GET", "/api/v1/rooms", Role::Admin, "the rooms that there are, and how many are in them"},
    PathRule{"GET", "/api/v1/scene", Role::Viewer, "the scene as a file"},
    PathRule{"PUT", "/api/v1/scene", Role::Editor, "shows what a scene file says"},
};

inline constexpr std::string_view kBlobPath = "/api/v1/blob/";

/// HEAD is as GET.
constexpr const PathRule* path_rule(std::string_view method, std::string_view path) {
  if (method == "HEAD") method = "GET";
  if (path.starts_with(kBlobPath)) path = "/api/v1/blob/ID";
  const auto* const rule =
      std::ranges::find_if(kPathRules, [&](const PathRule& row) { return row.method == method && row.path == path; });
  return rule == kPathRules.end() ? nullptr : rule;
}

}  // namespace ndcast::auth
