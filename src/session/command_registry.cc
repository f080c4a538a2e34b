#include "session/command_registry.h"

#include <algorithm>
#include <array>

#include "auth/role_table.h"
#include "base/command_limits.h"
#include "base/limits.h"
#include "base/taking_away_limits.h"

namespace ndcast::session {
namespace {

// Reading the metadata of a plate on a slow disk takes a minute; a wait names its own time.
constexpr auto kLoadTimeout = 120s;

/// The role is the role table's; a command that is not in it does not compile.
consteval CommandSpec serve(std::string_view name, std::chrono::milliseconds timeout,
                            void (*handler)(const CommandContext& context),
                            std::size_t at_most = limits::kWaitsPerSession) {
  return {name, auth::role_of_command(name), timeout, handler, at_most};
}

constexpr std::array kCommands = {
    serve("fs.listdir", limits::kCommandTimeout, call_listdir),
    serve("napari.load_zarr", kLoadTimeout, call_load_zarr),
    serve("napari.pixel.request_keyframe", limits::kCommandTimeout, call_request_keyframe),
    serve("nd.contrast.auto", limits::kCommandTimeout, call_contrast_auto),
    serve("nd.histogram", limits::kCommandTimeout, call_histogram),
    serve("nd.history", limits::kCommandTimeout, call_history),
    serve("nd.job.cancel", limits::kCommandTimeout, call_job_cancel),
    serve("nd.job.list", limits::kCommandTimeout, call_job_list),
    serve("nd.layer.add", kLoadTimeout, call_layer_add),
    serve("nd.layer.remove", limits::kCommandTimeout, call_layer_remove),
    serve("nd.movie", limits::kCommandTimeout, call_movie),
    serve("nd.pixel_ticket", limits::kCommandTimeout, call_pixel_ticket),
    serve("nd.probe", limits::kCommandTimeout, call_probe),
    serve("nd.profile", limits::kCommandTimeout, call_profile, limits::kLargeCommandsPerSession),
    serve("nd.redo", limits::kCommandTimeout, call_redo),
    serve("nd.region", limits::kCommandTimeout, call_region, limits::kLargeCommandsPerSession),
    serve("nd.screenshot", limits::kScreenshotTimeout, call_screenshot, limits::kLargeCommandsPerSession),
    serve("nd.session.close", limits::kCommandTimeout, call_session_close),
    serve("nd.session.list", limits::kCommandTimeout, call_session_list),
    serve("nd.stats", limits::kCommandTimeout, call_stats),
    serve("nd.telemetry", limits::kCommandTimeout, call_telemetry),
    serve("nd.thumbnails", limits::kCommandTimeout, call_thumbnails),
    serve("nd.undo", limits::kCommandTimeout, call_undo),
    serve("nd.view.close", limits::kCommandTimeout, call_view_close),
    serve("nd.view.follow", limits::kCommandTimeout, call_view_follow),
    serve("nd.view.fork", limits::kCommandTimeout, call_view_fork),
    serve("nd.view.list", limits::kCommandTimeout, call_view_list),
    serve("nd.wait_until", limits::kCommandTimeout, call_wait_until),
};
static_assert(std::ranges::is_sorted(kCommands, {}, &CommandSpec::name));

}  // namespace

std::span<const CommandSpec> command_table() { return kCommands; }

const CommandSpec* find_command(std::string_view name) {
  const auto it = std::ranges::find(kCommands, name, &CommandSpec::name);
  return it == kCommands.end() ? nullptr : &*it;
}

std::vector<std::string> command_names(auth::Role role) {
  std::vector<std::string> names;
  for (const CommandSpec& command : kCommands) {
    if (auth::may_act_as(role, command.role)) names.emplace_back(command.name);
  }
  return names;
}

}  // namespace ndcast::session
