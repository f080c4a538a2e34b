#pragma once
// A journal that keeps its rows in memory: for tests, which may hold it back, make it fail, and start again from it.
//
//   MemoryJournal journal;
//   journal.hold();                       // rows queue up, nothing is durable
//   …
//   journal.release();                    // on_durable for all of them
//   MemoryJournal after = journal.reborn();   // what a process finds that starts after this one was killed

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "ledger/journal.h"

namespace ndcast::ledger {

/// One thread: callbacks run during the calls.
class MemoryJournal final : public Journal {
 public:
  explicit MemoryJournal(Retention retention = {}) : retention_(retention) {}

  bool keeps() const override { return true; }
  Durability durability() const override { return durability_; }
  void open_room(const std::string& room, std::string fresh_history_id, Listener listener,
                 std::function<void(Result<StoredRoom>)> done) override;
  void close_room(const std::string& room) override;
  bool append(const std::string& room, JournalRow row) override;
  bool checkpoint(const std::string& room, Checkpoint checkpoint) override;
  bool reserve(const std::string& room, std::uint64_t reserved_seq) override;
  void read_history(const std::string& room, HistoryRequest request,
                    std::function<void(Result<std::vector<JournalRow>>)> done) override;
  JournalStats stats() const override { return stats_; }

  void hold() { is_held_ = true; }
  /// Keeps the `count` oldest of what is held back; by default all, and then holds no longer.
  void release(std::size_t count = SIZE_MAX);
  std::size_t held() const { return held_.size(); }
  /// From here on everything fails with `error`; nothing does again.
  void fail_with(std::optional<Error> error) { error_ = std::move(error); }
  void set_durability(Durability durability) { durability_ = durability; }

  /// What is on this "disk", for a journal of the next process; what is held back is lost.
  MemoryJournal reborn() const;
  /// Rows that are kept, by number.
  const std::map<std::uint64_t, JournalRow>& rows(const std::string& room) { return rooms_[room].rows; }
  const std::optional<Checkpoint>& last_checkpoint(const std::string& room) { return rooms_[room].checkpoint; }

 private:
  struct Room {
    std::string history_id;
    std::uint64_t reserved_seq = 0;
    std::optional<Checkpoint> checkpoint;
    std::map<std::uint64_t, JournalRow> rows;
    bool is_broken = false;
    Listener listener;
  };
  bool submit(std::function<void()> work);
  bool refuses(Room& room, bool is_checkpoint);
  void prune(Room& room, double now_unix_s);

  Retention retention_;
  Durability durability_ = Durability::Process;
  std::map<std::string, Room> rooms_;
  std::deque<std::function<void()>> held_;
  bool is_held_ = false;
  std::optional<Error> error_;
  JournalStats stats_;
};

}  // namespace ndcast::ledger
