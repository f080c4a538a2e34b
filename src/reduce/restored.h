#pragma once
// Values that come back from a journal are outside bytes: somebody may have written the file, an older server may have
// allowed what this one does not. Each is judged here by itself, as the reducer of its key would judge it from a
// client; whether registers fit each other is Ledger::violation's and fits_axes()'s.

#include <optional>
#include <string>

#include "ledger/ledger.h"

namespace ndcast::reduce {

/// A sentence about why this server would never have written the value, or nothing.
std::optional<std::string> misfit(const scene::RegisterId& id, const scene::Value& value);

/// A sentence about the first part of the scene that does not fit its axes and levels (indexes kept in restore caches,
/// levels shown, layers' pyramids), or nothing. What a toggle or a renderer would stumble over.
std::optional<std::string> find_unsound(const scene::SceneSnapshot& snapshot);

}  // namespace ndcast::reduce
