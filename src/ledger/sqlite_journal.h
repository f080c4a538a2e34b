#pragma once
// The journal in an SQLite file, written by a thread of its own in groups: what queued up while one group was being
// committed is the next one. A group is one transaction, so a crash keeps whole groups.
//
// Trouble (full or read-only disk, I/O error, the file deleted or damaged under us) loses the group at hand, tells
// every room that was in it, and leaves the room out until its next checkpoint, which is tried like any other write. A
// damaged file is moved aside (journal.sqlite.damaged-UNIXTIME) and a fresh one made.

#include <filesystem>
#include <memory>

#include "base/clock.h"
#include "ledger/journal.h"

namespace ndcast::ledger {

struct SqliteJournalOptions {
  Durability durability = Durability::Process;
  Retention retention;
};

/// Takes DIRECTORY/lock: one process writes a journal. Errors: Limit (another process has it), Io. A database that
/// cannot be opened is no error here: the rooms hear of it, and it is tried again.
Result<std::unique_ptr<Journal>> open_sqlite_journal(const std::filesystem::path& directory,
                                                     const SqliteJournalOptions& options);

}  // namespace ndcast::ledger
