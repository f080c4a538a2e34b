#pragma once
// The invariants of the ledger, checked at every commit over the registers as they would be after it. Only what the
// transaction touches is looked at, so that a drag costs one range check.

#include <map>
#include <optional>
#include <string>

#include "ledger/compose.h"
#include "ledger/ledger.h"

namespace ndcast::ledger {

/// A sentence about the first invariant that would break, or nothing. Checked: every value has its key's type; a layer
/// has all its registers or none; a view has all its registers or none; `order` is a permutation of the axes; ndisplay
/// is 2 or 3 and at most the number of axes; every index lies in its axis' range; a view-toggle leaves lod, index and
/// camera equal to the entered mode's restore cache.
std::optional<std::string> find_violation(const Registers& registers, const Transaction& transaction);

}  // namespace ndcast::ledger
