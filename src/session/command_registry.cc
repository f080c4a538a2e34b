#include "session/command_registry.h"

#include <algorithm>
#include <array>

#include "base/limits.h"

namespace ndcast::session {
namespace {

using auth::Role;

// Reading the metadata of a plate on a slow disk takes a minute; a wait names its own time.
constexpr auto kLoadTimeout = 120s;

constexpr std::array kCommands = {
    CommandSpec{"fs.listdir", Role::Editor, limits::kCommandTimeout, call_listdir},
    CommandSpec{"napari.load_zarr", Role::Editor, kLoadTimeout, call_load_zarr},
    CommandSpec{"napari.pixel.request_keyframe", Role::Viewer, limits::kCommandTimeout, call_request_keyframe},
    CommandSpec{"nd.pixel_ticket", Role::Viewer, limits::kCommandTimeout, call_pixel_ticket},
    CommandSpec{"nd.view.close", Role::Viewer, limits::kCommandTimeout, call_view_close},
    CommandSpec{"nd.view.follow", Role::Viewer, limits::kCommandTimeout, call_view_follow},
    CommandSpec{"nd.view.fork", Role::Viewer, limits::kCommandTimeout, call_view_fork},
    CommandSpec{"nd.view.list", Role::Viewer, limits::kCommandTimeout, call_view_list},
    CommandSpec{"nd.wait_until", Role::Viewer, limits::kCommandTimeout, call_wait_until},
};
static_assert(std::ranges::is_sorted(kCommands, {}, &CommandSpec::name));

}  // namespace

std::span<const CommandSpec> command_table() { return kCommands; }

const CommandSpec* find_command(std::string_view name) {
  const auto it = std::ranges::find(kCommands, name, &CommandSpec::name);
  return it == kCommands.end() ? nullptr : &*it;
}

std::vector<std::string> command_names(Role role) {
  std::vector<std::string> names;
  for (const CommandSpec& command : kCommands) {
    if (auth::may_act_as(role, command.role)) names.emplace_back(command.name);
  }
  return names;
}

}  // namespace ndcast::session
