#include "ledger/ledger.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/check.h"
#include "base/ids.h"
#include "base/limits.h"
#include "ledger/compose.h"
#include "ledger/invariants.h"

namespace ndcast::ledger {

using scene::Gone;
using scene::Key;
using scene::RegisterId;
using scene::Scope;

std::string_view to_string(Origin origin) {
  switch (origin) {
    case Origin::Client:
      return "client";
    case Origin::Agent:
      return "agent";
    case Origin::Worker:
      return "worker";
    case Origin::Policy:
      return "policy";
    case Origin::System:
      return "system";
  }
  return "system";
}

Ledger::Ledger(const Clock& clock) : clock_(clock), history_id_(random_hex(8)), snapshot_(idle_snapshot(history_id_)) {}

std::optional<std::string> Ledger::violation(const Transaction& transaction) const {
  return find_violation(registers_, transaction);
}

void Ledger::open_op(Transaction& transaction, const scene::ViewId& view) const {
  const RegisterId op_id{Scope::Op, view.value, Key::State, {}};
  const Register* current = find(op_id);
  const std::uint64_t op_seq = current ? std::get<scene::Op>(current->value).seq + 1 : 1;
  transaction.changes.push_back({op_id, scene::Op{op_seq, scene::OpState::Open, *transaction.opens}});
}

Committed Ledger::commit(Transaction transaction) {
  if (transaction.opens) {
    open_op(transaction, transaction.view);
    for (const scene::ViewId& view : transaction.also_in) open_op(transaction, view);
  }
  const std::optional<std::string> broken = violation(transaction);
  ND_CHECK(!broken, broken.value_or(""));
  ND_CHECK(server_seq_ < limits::kMaxServerSeq, "server_seq is exhausted");
  return apply(std::move(transaction), server_seq_ + 1, clock_.unix_seconds());
}

Committed Ledger::apply(Transaction transaction, std::uint64_t server_seq, double unix_s) {
  Committed committed{.unix_s = unix_s};
  committed.author = std::make_shared<const Author>(std::move(transaction.author));
  committed.changed.reserve(transaction.changes.size());
  committed.before.reserve(transaction.changes.size());
  for (Change& change : transaction.changes) {
    const auto existing = registers_.find(change.id);
    const bool is_known = existing != registers_.end();
    const bool is_gone = std::holds_alternative<Gone>(change.value);
    if (is_gone ? !is_known : is_known && existing->second.value == change.value) continue;
    Register before{.value = Gone{}};
    if (is_gone) {
      before = std::move(existing->second);
      registers_.erase(existing);
    } else if (is_known) {
      before = std::exchange(existing->second, {std::move(change.value), server_seq, unix_s, committed.author});
    } else {
      registers_.emplace(change.id, Register{std::move(change.value), server_seq, unix_s, committed.author});
    }
    if (std::ranges::find(committed.changed, change.id) != committed.changed.end()) continue;
    committed.changed.push_back(std::move(change.id));
    committed.before.push_back(std::move(before));
  }
  if (!committed.changed.empty()) {
    server_seq_ = server_seq;
    publish(committed.changed);
  }
  committed.server_seq = server_seq_;
  return committed;
}

void Ledger::publish(const std::vector<RegisterId>& changed) {
  scene::SnapshotPtr next = compose(*snapshot(), registers_, changed, server_seq_);
  const std::lock_guard lock(snapshot_mutex_);
  snapshot_ = std::move(next);
}

// --- an earlier process' history ------------------------------------------------------------------------------------

void Ledger::continue_history(std::string history_id, std::uint64_t server_seq) {
  ND_CHECK(server_seq_ == 0 && registers_.empty(), "a history is continued before the first commit");
  ND_CHECK(server_seq < limits::kMaxServerSeq, "server_seq is exhausted");
  history_id_ = std::move(history_id);
  server_seq_ = server_seq;
  auto next = std::make_shared<scene::SceneSnapshot>(*idle_snapshot(history_id_));
  next->server_seq = server_seq;
  const std::lock_guard lock(snapshot_mutex_);
  snapshot_ = std::move(next);
}

void Ledger::adopt(const std::map<RegisterId, Register>& registers) {
  ND_CHECK(registers_.empty(), "registers are adopted while there are none");
  registers_ = registers;
  std::vector<RegisterId> changed;
  changed.reserve(registers.size());
  for (const auto& [id, value] : registers) changed.push_back(id);
  if (!changed.empty()) publish(changed);
}

std::optional<std::string> Ledger::replay(Transaction transaction, std::uint64_t server_seq, double unix_s) {
  if (server_seq <= server_seq_ || server_seq >= limits::kMaxServerSeq) {
    return fmt::format("number {} does not follow {}", server_seq, server_seq_);
  }
  if (std::optional<std::string> broken = violation(transaction)) return broken;
  apply(std::move(transaction), server_seq, unix_s);
  return std::nullopt;
}

void Ledger::renew_history() {
  history_id_ = random_hex(8);
  auto next = std::make_shared<scene::SceneSnapshot>(*snapshot());
  next->history_id = history_id_;
  const std::lock_guard lock(snapshot_mutex_);
  snapshot_ = std::move(next);
}

scene::SnapshotPtr Ledger::snapshot() const {
  const std::lock_guard lock(snapshot_mutex_);
  return snapshot_;
}

const Register* Ledger::find(const RegisterId& id) const {
  const auto it = registers_.find(id);
  return it == registers_.end() ? nullptr : &it->second;
}

}  // namespace ndcast::ledger
