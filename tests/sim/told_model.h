#pragma once
// What each flush has to carry, worked out a second time and more simply than ledger::Flusher does: the transactions
// since they were last told, whole, but for those that an open op holds back and those that share a register with one
// of them.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "ledger/flush.h"
#include "ledger/ledger.h"

namespace ndcast::sim {

class ToldModel {
 public:
  using Registers = std::set<scene::RegisterId>;

  void on_commit(const ledger::Committed& committed, const std::optional<ledger::OpenedOp>& opened) {
    if (committed.changed.empty()) return;
    Untold transaction{{committed.changed.begin(), committed.changed.end()}, {}};
    if (opened) {
      transaction.holders = {opened->also_in.begin(), opened->also_in.end()};
      transaction.holders.insert(opened->view);
    }
    untold_.push_back(std::move(transaction));
  }
  /// The server is another one.
  void forget() { *this = ToldModel(); }
  /// The view's op closed, as the register op/VIEW/state says, or the view is gone.
  void on_closed(const scene::ViewId& view) {
    for (Untold& transaction : untold_) transaction.holders.erase(view);
  }
  /// A flush leaves.
  void on_flush(std::uint64_t from, std::uint64_t to) {
    const Registers held = held_back();
    Registers told;
    std::erase_if(untold_, [&](const Untold& transaction) {
      if (held.contains(*transaction.registers.begin())) return false;
      told.insert(transaction.registers.begin(), transaction.registers.end());
      return true;
    });
    flushes_[{from, to}] = std::move(told);
  }
  /// What that flush carries; null when there was none.
  const Registers* carried(std::uint64_t from, std::uint64_t to) const {
    const auto it = flushes_.find({from, to});
    return it == flushes_.end() ? nullptr : &it->second;
  }

 private:
  struct Untold {
    Registers registers;
    std::set<scene::ViewId> holders;
  };

  static bool overlap(const Registers& a, const Registers& b) {
    for (const scene::RegisterId& id : a) {
      if (b.contains(id)) return true;
    }
    return false;
  }
  /// Of overlapping transactions all or none are in it.
  Registers held_back() const {
    Registers held;
    for (const Untold& transaction : untold_) {
      if (!transaction.holders.empty()) held.insert(transaction.registers.begin(), transaction.registers.end());
    }
    for (std::size_t before = held.size() + 1; before != held.size();) {
      before = held.size();
      for (const Untold& transaction : untold_) {
        if (overlap(transaction.registers, held))
          held.insert(transaction.registers.begin(), transaction.registers.end());
      }
    }
    return held;
  }

  std::vector<Untold> untold_;
  std::map<std::pair<std::uint64_t, std::uint64_t>, Registers> flushes_;
};

}  // namespace ndcast::sim
