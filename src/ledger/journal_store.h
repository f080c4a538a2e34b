#pragma once
// The journal's database file: its tables and what is asked of them. Blocking; the journal thread's, and that of
// `ndcast journal`, which only reads.
//
//   DIRECTORY/journal.sqlite   rooms, rows (one a transaction), checkpoints (the last one a room)
//
// DIRECTORY is made with mode 0700, the file with 0600.

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "ledger/journal.h"
#include "ledger/sqlite.h"

namespace ndcast::ledger {

/// One thread at a time. Errors of all: Corrupt (no journal, a damaged one, one of a later version), Io.
class JournalStore {
 public:
  static std::filesystem::path file_in(const std::filesystem::path& directory) { return directory / "journal.sqlite"; }

  /// Makes what is missing.
  static Result<JournalStore> open(const std::filesystem::path& directory, Durability durability);
  /// NotFound when there is no journal.
  static Result<JournalStore> open_to_read(const std::filesystem::path& directory);

  // --- writing; between begin() and commit() all or nothing is kept ---
  Result<void> begin();
  Result<void> commit();
  void roll_back();
  /// Makes the room where it is unknown, reserves its first block and reads it.
  Result<StoredRoom> open_room(const std::string& room, const std::string& fresh_history_id);
  Result<void> append(const std::string& room, const JournalRow& row);
  Result<void> checkpoint(const std::string& room, const Checkpoint& checkpoint);
  Result<void> reserve(const std::string& room, std::uint64_t reserved_seq, const std::string& history_id);
  /// Removes the room's oldest rows that the retention does not cover and that the checkpoint makes superfluous, at
  /// most `most`; how many.
  Result<std::uint64_t> prune(const std::string& room, const Retention& retention, double now_unix_s,
                              std::uint64_t most);
  /// Moves the write-ahead log into the file; outside of begin() and commit().
  Result<void> tidy();
  /// False when the file was deleted or replaced under us, so that what is written would be lost.
  bool is_in_place() const;

  // --- reading ---
  struct RoomInfo {
    std::string room;
    std::string history_id;
    std::uint64_t reserved_seq = 0;
    std::optional<Checkpoint> checkpoint;
  };
  Result<std::vector<RoomInfo>> rooms();
  Result<std::vector<JournalRow>> read_history(const std::string& room, const HistoryRequest& request);
  /// Every row, oldest first, until `each` returns false.
  Result<void> for_each_row(const std::string& room, const std::function<bool(const JournalRow&)>& each);
  /// After which numbers something was not kept (Checkpoint::after_gap), rising.
  Result<std::vector<std::uint64_t>> gaps(const std::string& room);
  /// SQLite's own look at the file: "ok", or what is damaged.
  Result<std::string> integrity();

 private:
  explicit JournalStore(Database db, std::filesystem::path file) : db_(std::move(db)), file_(std::move(file)) {}
  Result<void> prepare_writing(Durability durability);
  Result<void> check_version();
  Result<std::optional<Checkpoint>> read_checkpoint(const std::string& room);

  Database db_;
  std::filesystem::path file_;
  std::pair<std::uint64_t, std::uint64_t> identity_{};  ///< device and inode of the file
  Statement insert_row_;
  Statement insert_checkpoint_;
  Statement update_reserved_;
};

}  // namespace ndcast::ledger
