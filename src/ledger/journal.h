#pragma once
// The ledger on disk: one row a transaction, for audit, restart, undo, history and replay. The rows' changes are text
// that protocol/journal_row.h makes and reads; here they are only kept.
//
//   control ─ append() ─► bounded queue ─► journal thread: one group commit ─ on_durable(server_seq) ─► control
//   (posted)
//
//   std::unique_ptr<Journal> journal = open_sqlite_journal(directory, {.durability = Durability::Process}).value();
//   journal->open_room("main", random_hex(8), listener, [](Result<StoredRoom> stored) { … });
//   journal->append("main", {.server_seq = 17, …, .changes = text});
//
// Siblings: null (keeps nothing, everything counts as kept at once), memory (tests; may be told to be slow or to fail),
// SQLite (sqlite_journal.h). One battery, journal_test.cc, runs over them.
//
// Calls come from the control thread and never wait for a disk. Callbacks run on the journal's thread (of the null and
// memory siblings: the caller's, during the call), for a moment after close_room() too, never once the destructor
// returned.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ledger/ledger.h"

namespace ndcast::ledger {

/// What an acknowledged change survives (protocol.md, WP24).
enum class Durability {
  Process,  ///< kill -9: the ack waits for a group commit, without fsync
  Disk,     ///< power loss: the ack waits for an fsync
  Relaxed,  ///< acks wait for nothing; a crash loses at most limits::kJournalRelaxed
};
std::string_view to_string(Durability);
std::optional<Durability> durability_from_string(std::string_view);

/// One transaction as it is kept. `server_seq` is unique in its room and within its reserved numbers.
struct JournalRow {
  std::uint64_t server_seq = 0;
  double unix_s = 0.0;
  std::string actor;
  Origin origin = Origin::System;
  std::string intent_id;
  std::optional<std::int64_t> client_seq;
  std::string interaction_id;
  std::string phase;
  std::string changes;  ///< protocol::changes_to_text()
  friend bool operator==(const JournalRow&, const JournalRow&) = default;
};

/// Every register of the room as it was at server_seq: a restart needs no row up to there.
struct Checkpoint {
  std::uint64_t server_seq = 0;
  double unix_s = 0.0;
  std::string registers;  ///< protocol::registers_to_text()
  /// Something before it was not kept (a full disk, a register refused at a restart): old values after it need not
  /// continue new values before it.
  bool after_gap = false;
  /// Set by a checkpoint that begins again after a failure: the history that the room's rows belong to from here on,
  /// and the numbers that it has reserved.
  std::string history_id;
  std::uint64_t reserved_seq = 0;
  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

/// What a room comes back from.
struct StoredRoom {
  std::string history_id;
  /// The numbers up to here may have been used before; those in (first, reserved] are on disk as reserved for this run.
  std::uint64_t first_seq = 0;
  std::uint64_t reserved_seq = 0;
  std::optional<Checkpoint> checkpoint;
  std::vector<JournalRow> rows;  ///< those after the checkpoint, oldest first
};

/// Entries of a room, newest first.
struct HistoryRequest {
  std::uint64_t before_seq = UINT64_MAX;  ///< only rows with a smaller number
  std::size_t limit = 50;
  std::string actor;  ///< only rows of this one; empty: of all
};

/// What is kept; checkpoints see to it that a restart never needs more.
struct Retention {
  std::uint64_t bytes = 0;  ///< of rows, one room; 0: no limit
  double age_s = 0.0;       ///< 0: no limit
};

struct JournalStats {
  std::uint64_t rows = 0;    ///< kept since the start
  std::uint64_t groups = 0;  ///< commits that they took
  std::uint64_t pruned = 0;
  std::uint64_t dropped = 0;  ///< rows that could not be kept
  std::size_t queued = 0;
};

class Journal {
 public:
  struct Listener {
    /// The room's newest row or checkpoint that is kept as its durability promises. Rises.
    std::function<void(std::uint64_t server_seq)> on_durable;
    /// Newest reserved number that is kept.
    std::function<void(std::uint64_t reserved_seq)> on_reserved;
    /// Something of the room could not be kept. Nothing of it is from here on, until a checkpoint is: send one.
    std::function<void(const Error& error)> on_failure;
  };

  virtual ~Journal() = default;

  /// False for the null journal: nobody needs to wait or to append.
  virtual bool keeps() const = 0;
  virtual Durability durability() const = 0;

  /// Reads what there is of the room and reserves its first block of limits::kReservedSeqs numbers. A room that nothing
  /// is known of gets `fresh_history_id`. `done` gets the failure when neither worked; the listener is served all the
  /// same. Once a room and process.
  virtual void open_room(const std::string& room, std::string fresh_history_id, Listener listener,
                         std::function<void(Result<StoredRoom>)> done) = 0;
  virtual void close_room(const std::string& room) = 0;

  /// Queues a row. False when the queue is full: it is lost, and counts as a failure (on_failure follows).
  virtual bool append(const std::string& room, JournalRow row) = 0;
  /// Queues a checkpoint; replaces the last one, and prunes rows before it by the retention.
  virtual bool checkpoint(const std::string& room, Checkpoint checkpoint) = 0;
  /// Queues the reservation of all numbers up to `reserved_seq`.
  virtual bool reserve(const std::string& room, std::uint64_t reserved_seq) = 0;

  virtual void read_history(const std::string& room, HistoryRequest request,
                            std::function<void(Result<std::vector<JournalRow>>)> done) = 0;

  virtual JournalStats stats() const = 0;
};

std::unique_ptr<Journal> make_null_journal();

/// Waits until the room is open; for the start of a process, before anything is served.
Result<StoredRoom> open_room_blocking(Journal& journal, const std::string& room, std::string fresh_history_id,
                                      Journal::Listener listener);

}  // namespace ndcast::ledger
