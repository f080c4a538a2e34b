#pragma once
// What registers and views are called: by their ids, and as a session that sees a certain view is told (WP32). Written
// a second time, so that the server's own printing is judged by it.

#include <optional>
#include <string>
#include <string_view>

#include "scene/register.h"

namespace ndcast::sim {

/// "main" for what the reader sees, "room" for the room's first view while it sees another, else the id.
std::string told_view(const scene::ViewId& view, const scene::ViewId& seen);
/// The view that a session which sees `seen` means.
scene::ViewId meant_view(std::string_view told, const scene::ViewId& seen);
/// The target of a register as that reader is told.
std::string told_target(const scene::RegisterId& id, const scene::ViewId& seen);
/// "scope/target/key" as that reader is told.
std::string told_name(const scene::RegisterId& id, const scene::ViewId& seen);

/// "scope/target/key" of a register as it was told, with the view by its id: one name for all readers. Nothing when the
/// reader should have been told another name.
std::optional<std::string> true_name(std::string_view scope, std::string_view target, std::string_view key,
                                     const scene::ViewId& seen);

/// Of a register as it was told: it is another view's than the one that the reader sees.
bool is_anothers(std::string_view scope, std::string_view target);

}  // namespace ndcast::sim
