#pragma once
// What was told lately, so that a client that comes back is told only what it missed (WP15). One entry a flush, with
// the values that the flush carried; a register that an op held back is in the entry of the flush that told it.
//
//   history.append(flush, values);
//   if (const auto missed = history.since(server_seq)) send(*missed); else send_snapshot();
//
// Control thread only.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "base/limits.h"
#include "ledger/flush.h"
#include "ledger/ledger.h"

namespace ndcast::ledger {

/// A register as a flush carried it. A removed one has the value Gone, and the flush's `to` as its version.
struct ToldRegister {
  scene::RegisterId id;
  Register content;
};

/// The flush's registers as they are in the ledger now. Those the ledger no longer lists are Gone.
std::vector<ToldRegister> read_registers(const Ledger& ledger, const Flush& flush);

class History {
 public:
  struct Limits {
    std::size_t bytes = limits::kHistoryBytes;
    std::size_t commits = limits::kHistoryCommits;
  };

  History() : History(Limits{}) {}
  explicit History(Limits limits) : limits_(limits) {}

  /// `values` are those of flush.registers, in its order.
  void append(const Flush& flush, std::vector<ToldRegister> values);

  /// What changed after `server_seq`, each register once with its last told value, in order of RegisterId: applied over
  /// the state at `server_seq` this gives the state at the last flush. Nothing when that is further back than what is
  /// retained: the asker needs a fresh snapshot.
  std::optional<std::vector<ToldRegister>> since(std::uint64_t server_seq) const;

  std::size_t bytes() const { return bytes_; }
  std::uint64_t commits() const;

 private:
  struct Entry {
    std::uint64_t from = 0;
    std::uint64_t to = 0;
    std::size_t bytes = 0;
    std::vector<ToldRegister> values;
  };
  void prune();

  Limits limits_;
  std::deque<Entry> entries_;  ///< oldest first, each from where the one before ended
  std::size_t bytes_ = 0;
};

}  // namespace ndcast::ledger
