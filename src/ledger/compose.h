#pragma once
// Blocks out of registers: the next snapshot shares every block that no changed register belongs to, so an unchanged
// block keeps its pointer, which is its signature.

#include <map>
#include <span>
#include <string>

#include "ledger/ledger.h"

namespace ndcast::ledger {

using Registers = std::map<scene::RegisterId, Register>;

/// The snapshot before the first commit: idle, no axes, no layers, no views.
scene::SnapshotPtr idle_snapshot(const std::string& history_id);

/// The snapshot that follows `previous` once `changed` registers have their values in `registers`.
scene::SnapshotPtr compose(const scene::SceneSnapshot& previous, const Registers& registers,
                           std::span<const scene::RegisterId> changed, std::uint64_t server_seq);

}  // namespace ndcast::ledger
