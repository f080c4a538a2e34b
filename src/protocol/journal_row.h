#pragma once
// What the journal keeps, as text: the changes of one transaction with old and new values, and all registers of a
// checkpoint. Read back as outside bytes: every error names the place; whether values fit each other is for the ledger.
//
//   [{"scope":"dims","target":"z","view":"main","key":"index","old":4,"new":5}]     old or new absent: no such register
//   [{"scope":"layer","target":"layer-0","key":"gamma","value":1,"version":17,"unix_s":1.7e9,"actor":"ada",
//     "origin":"client"}]

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "ledger/ledger.h"
#include "scene/register.h"

namespace ndcast::protocol {

/// Gone stands for a register that did not exist, or no longer does.
struct JournalChange {
  scene::RegisterId id;
  scene::Value before;
  scene::Value after;
  friend bool operator==(const JournalChange&, const JournalChange&) = default;
};

/// A change to print, without copies; the pointers are never null.
struct JournalChangeView {
  const scene::RegisterId* id;
  const scene::Value* before;
  const scene::Value* after;
};

std::string changes_to_text(std::span<const JournalChangeView> changes);
/// Errors: Invalid, Limit (limits::kJournalRowBytes).
Result<std::vector<JournalChange>> changes_from_text(std::string_view text);

/// Of each author the actor, origin, interaction and phase are kept: sessions and intents end with their process.
std::string registers_to_text(const std::map<scene::RegisterId, ledger::Register>& registers);
/// Errors: as above, and Invalid for a register that stands there twice.
Result<std::map<scene::RegisterId, ledger::Register>> registers_from_text(std::string_view text);

}  // namespace ndcast::protocol
