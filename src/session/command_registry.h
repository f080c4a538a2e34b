#pragma once
// The command table: every command that this server does, who may call it and how long it may take. Adding a command is
// a handler in its family's file and a row here.

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "auth/roles.h"
#include "session/command.h"

namespace ndcast::session {

struct CommandSpec {
  std::string_view name;
  auth::Role role;
  std::chrono::milliseconds timeout;
  void (*handler)(const CommandContext& context);
  std::size_t at_most;  ///< of one session's under way at once
};

/// In order of names.
std::span<const CommandSpec> command_table();
/// Null for an unknown one.
const CommandSpec* find_command(std::string_view name);
/// Names of those that the role may call, sorted.
std::vector<std::string> command_names(auth::Role role);

// --- the families -------------------------------------------------------------------------------------------------

/// napari.pixel.request_keyframe: owes the caller a keyframe.
void call_request_keyframe(const CommandContext& context);
/// nd.pixel_ticket {view?} → {ticket, view}.
void call_pixel_ticket(const CommandContext& context);
/// fs.listdir {path?, show_hidden=false, only=[".zarr"], cursor?} → {path, entries, has_more, next_cursor?}.
void call_listdir(const CommandContext& context);
/// nd.layer.add {path} → {layers:[id…],server_seq}.
void call_layer_add(const CommandContext& context);
/// nd.layer.remove {layer} → {server_seq}.
void call_layer_remove(const CommandContext& context);
/// napari.load_zarr {path} → {ok:true}.
void call_load_zarr(const CommandContext& context);
/// nd.session.list → {sessions:[{session, actor, kind, role, view, remote, connected_s}]}, of this room.
void call_session_list(const CommandContext& context);
/// nd.session.close {session}: says goodbye to another session and closes it with 1008.
void call_session_close(const CommandContext& context);
/// nd.telemetry {on=true} → {on}: nd.telemetry frames for the caller, of the view that it sees (WP14).
void call_telemetry(const CommandContext& context);
/// nd.thumbnails {on=true} → {on}: nd.thumbnail frames for the caller, of every layer (WP34).
void call_thumbnails(const CommandContext& context);
/// nd.histogram {layer, bins?, percentiles?, region?, refine?} → counts (WP36).
void call_histogram(const CommandContext& context);
/// nd.contrast.auto {layer, percentiles?, region?} → {contrast_limits, level, server_seq} (WP36).
void call_contrast_auto(const CommandContext& context);
/// nd.probe {world or x_px, y_px} → {world, layers, server_seq}: the visible layers' voxels at a place (WP39).
void call_probe(const CommandContext& context);
/// nd.movie {kind, …} → {job, pictures, fps, width, height}: a movie, in a job (WP43).
void call_movie(const CommandContext& context);
/// nd.screenshot {width?, height?, view?} → {url, content_type, width, height, bytes, server_seq} (WP43).
void call_screenshot(const CommandContext& context);
void call_profile(const CommandContext& context);
/// nd.stats {layer} → {job}: exact statistics of a layer's finest level, in a job (WP35).
void call_stats(const CommandContext& context);
/// nd.job.list → {jobs}: those under way and the last that ended.
void call_job_list(const CommandContext& context);
/// nd.job.cancel {job} → {cancelling}; whoever started it, or an admin.
void call_job_cancel(const CommandContext& context);
/// nd.history {cursor?, limit=50, actor?} → {entries, next_cursor?, durability}.
void call_history(const CommandContext& context);
/// nd.undo {} and nd.redo {} → {changed, left, camera_seq?, server_seq, undo_steps, redo_steps}.
void call_undo(const CommandContext& context);
void call_redo(const CommandContext& context);
void call_region(const CommandContext& context);
/// nd.view.fork {from?, name?} → {view, name, binding, server_seq}.
void call_view_fork(const CommandContext& context);
/// nd.view.follow {view? or session?} → {view, binding, server_seq}.
void call_view_follow(const CommandContext& context);
/// nd.view.close {view?} → {closed, view, binding, server_seq}.
void call_view_close(const CommandContext& context);
/// nd.view.list {} → {views: [{view, name, owner, sessions: [{session, actor, kind, role, follows}]}]}.
void call_view_list(const CommandContext& context);
/// nd.wait_until {server_seq and/or camera_seq, until="applied"|"complete", timeout_ms?, view?} → the view's watermark.
void call_wait_until(const CommandContext& context);

}  // namespace ndcast::session
