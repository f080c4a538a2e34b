#include "ledger/memory_journal.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"

namespace ndcast::ledger {

bool MemoryJournal::submit(std::function<void()> work) {
  if (is_held_) {
    if (held_.size() >= limits::kJournalRows) return false;
    held_.push_back(std::move(work));
  } else {
    work();
  }
  return true;
}

void MemoryJournal::release(std::size_t count) {
  if (count == SIZE_MAX) is_held_ = false;
  for (; count > 0 && !held_.empty(); --count) {
    const auto work = std::move(held_.front());
    held_.pop_front();
    work();
  }
}

bool MemoryJournal::refuses(Room& room, bool is_checkpoint) {
  if (error_) {
    const bool was_broken = std::exchange(room.is_broken, true);
    if (!was_broken || is_checkpoint) room.listener.on_failure(*error_);
  } else if (is_checkpoint) {
    room.is_broken = false;
  }
  if (room.is_broken) ++stats_.dropped;
  return room.is_broken;
}

void MemoryJournal::open_room(const std::string& name, std::string fresh_history_id, Listener listener,
                              std::function<void(Result<StoredRoom>)> done) {
  Room& room = rooms_[name];
  room.listener = std::move(listener);
  if (room.history_id.empty()) room.history_id = std::move(fresh_history_id);
  StoredRoom stored{.history_id = room.history_id,
                    .first_seq = room.reserved_seq,
                    .reserved_seq = room.reserved_seq + limits::kReservedSeqs,
                    .checkpoint = room.checkpoint};
  room.reserved_seq = stored.reserved_seq;
  for (const auto& [seq, row] : room.rows) {
    if (!room.checkpoint || seq > room.checkpoint->server_seq) stored.rows.push_back(row);
  }
  done(std::move(stored));
}

void MemoryJournal::close_room(const std::string& name) {
  release();
  rooms_[name].listener = {};
}

bool MemoryJournal::append(const std::string& name, JournalRow row) {
  return submit([this, name, row = std::move(row)] {
    Room& room = rooms_[name];
    if (refuses(room, false)) return;
    const std::uint64_t seq = row.server_seq;
    room.rows[seq] = row;
    ++stats_.rows;
    ++stats_.groups;
    if (room.listener.on_durable) room.listener.on_durable(seq);
  });
}

bool MemoryJournal::checkpoint(const std::string& name, Checkpoint checkpoint) {
  return submit([this, name, checkpoint = std::move(checkpoint)] {
    Room& room = rooms_[name];
    if (refuses(room, true)) return;
    room.checkpoint = checkpoint;
    if (!checkpoint.history_id.empty()) {
      room.history_id = checkpoint.history_id;
      room.rows.erase(room.rows.upper_bound(checkpoint.server_seq), room.rows.end());
      room.reserved_seq = std::max({room.reserved_seq, checkpoint.reserved_seq, checkpoint.server_seq});
    }
    prune(room, checkpoint.unix_s);
    if (room.listener.on_durable) room.listener.on_durable(checkpoint.server_seq);
  });
}

bool MemoryJournal::reserve(const std::string& name, std::uint64_t reserved_seq) {
  return submit([this, name, reserved_seq] {
    Room& room = rooms_[name];
    if (error_) return room.listener.on_failure(*error_);
    room.reserved_seq = std::max(room.reserved_seq, reserved_seq);
    if (room.listener.on_reserved) room.listener.on_reserved(room.reserved_seq);
  });
}

void MemoryJournal::prune(Room& room, double now_unix_s) {
  std::uint64_t bytes = 0;
  for (const auto& [seq, row] : room.rows) bytes += row.changes.size();
  while (!room.rows.empty()) {
    const JournalRow& oldest = room.rows.begin()->second;
    const bool is_old = retention_.age_s > 0 && oldest.unix_s < now_unix_s - retention_.age_s;
    const bool is_too_much = retention_.bytes > 0 && bytes > retention_.bytes;
    if (oldest.server_seq > room.checkpoint->server_seq || !(is_old || is_too_much)) break;
    bytes -= oldest.changes.size();
    ++stats_.pruned;
    room.rows.erase(room.rows.begin());
  }
}

void MemoryJournal::read_history(const std::string& name, HistoryRequest request,
                                 std::function<void(Result<std::vector<JournalRow>>)> done) {
  std::vector<JournalRow> page;
  const auto& rows = rooms_[name].rows;
  for (auto it = rows.rbegin(); it != rows.rend() && page.size() < request.limit; ++it) {
    if (it->first >= request.before_seq) continue;
    if (request.actor.empty() || it->second.actor == request.actor) page.push_back(it->second);
  }
  done(std::move(page));
}

MemoryJournal MemoryJournal::reborn() const {
  MemoryJournal next(retention_);
  next.durability_ = durability_;
  for (const auto& [name, room] : rooms_) {
    Room& copy = next.rooms_[name];
    copy = room;
    copy.is_broken = false;
    copy.listener = {};
  }
  return next;
}

}  // namespace ndcast::ledger
