#pragma once
// Schema of what the key tables say: registers, state updates, scene files. Internal to schema.cc.

#include <string>
#include <string_view>

#include "protocol/described.h"

namespace ndcast::protocol {

/// "notify.scene" → "NotifyScene", "restore_cache" → "RestoreCache".
std::string pascal_case(std::string_view name);

Json snapshot_schema(described::Definitions& definitions);
Json commit_schema(described::Definitions& definitions);
Json state_update_schema(described::Definitions& definitions);
Json scene_file_schema(described::Definitions& definitions);

}  // namespace ndcast::protocol
