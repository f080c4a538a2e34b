#include "ledger/ledger.h"

#include <algorithm>
#include <utility>

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

  const auto author = std::make_shared<const Author>(std::move(transaction.author));
  const double now = clock_.unix_seconds();
  const std::uint64_t next_seq = server_seq_ + 1;
  std::vector<RegisterId> changed;
  for (Change& change : transaction.changes) {
    const auto existing = registers_.find(change.id);
    const bool is_gone = std::holds_alternative<Gone>(change.value);
    if (is_gone ? existing == registers_.end()
                : existing != registers_.end() && existing->second.value == change.value) {
      continue;
    }
    if (is_gone) {
      registers_.erase(existing);
    } else {
      registers_.insert_or_assign(change.id, Register{std::move(change.value), next_seq, now, author});
    }
    if (std::ranges::find(changed, change.id) == changed.end()) changed.push_back(std::move(change.id));
  }
  if (!changed.empty()) {
    server_seq_ = next_seq;
    scene::SnapshotPtr next = compose(*snapshot(), registers_, changed, server_seq_);
    const std::lock_guard lock(snapshot_mutex_);
    snapshot_ = std::move(next);
  }
  return {server_seq_, std::move(changed)};
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
