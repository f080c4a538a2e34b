#pragma once
// The only truth about a room's scene: registers with versions, changed by whole transactions.
//
//   Ledger ledger(clock);
//   Transaction transaction{.author = {.actor = "ada", .origin = Origin::Client, .intent_id = "intent-1"}};
//   transaction.changes.push_back({{Scope::Dims, "z", Key::Index, "main"}, std::int64_t{5}});
//   const Committed committed = ledger.commit(std::move(transaction));
//   SnapshotPtr now = ledger.snapshot();            // any thread, at any time
//
// All but snapshot() belong to the control thread. A transaction is checked before anything changes and then committed
// whole; server_seq rises by one; a changed register's version is that server_seq; an identical value changes nothing,
// and a transaction of nothing but identical values leaves server_seq where it was.

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "scene/register.h"
#include "scene/snapshot.h"

namespace ndcast::ledger {

/// Who caused a change (protocol.md §5).
enum class Origin { Client, Agent, Worker, Policy, System };
std::string_view to_string(Origin);

/// Provenance of a transaction; kept with each register it changed.
struct Author {
  std::string actor;  ///< name of the person, agent or part of the server
  Origin origin = Origin::System;
  std::string session;  ///< session id, empty for the server's own; never leaves the process
  std::string intent_id;
  std::string frame_id;
  std::optional<std::int64_t> client_seq;
  std::string interaction_id;
  std::string phase;  ///< "start", "update", "commit" or empty
};

struct Change {
  scene::RegisterId id;
  scene::Value value;  ///< of the key's type, or Gone for registers of a layer or a view
};

struct Transaction {
  std::vector<Change> changes;
  Author author;
  /// Set when the transaction opens an op in this view (WP13); the ledger writes op/VIEW/state in the same commit.
  std::optional<scene::OpKind> opens;
  scene::ViewId view = scene::kMainView;
  /// Further views in which the same op opens: a replaced scene is every view's.
  std::vector<scene::ViewId> also_in;
};

struct Register {
  scene::Value value;
  std::uint64_t version = 0;  ///< server_seq of its last change
  double timestamp = 0.0;     ///< unix seconds of that change
  std::shared_ptr<const Author> author;
};

/// What a commit did.
struct Committed {
  std::uint64_t server_seq = 0;            ///< after the commit
  std::vector<scene::RegisterId> changed;  ///< empty when every value was already so
  std::vector<Register> before;            ///< what each of `changed` was; Gone and version 0 for a new one
  std::shared_ptr<const Author> author;    ///< null when nothing changed
  double unix_s = 0.0;
};

class Ledger {
 public:
  explicit Ledger(const Clock& clock);

  /// Goes on with the numbers after `server_seq` of an earlier process' history. Before the first commit only.
  void continue_history(std::string history_id, std::uint64_t server_seq);
  /// Takes registers of an earlier process as they were, versions and authors included; server_seq stays. They must fit
  /// each other (they come from a Ledger). Only while there are none.
  void adopt(const std::map<scene::RegisterId, Register>& registers);
  /// commit() with the number and the time that the transaction had in an earlier process; rises like any. The
  /// violation when there is one, and then nothing changed.
  std::optional<std::string> replay(Transaction transaction, std::uint64_t server_seq, double unix_s);
  /// A new history_id: the numbers that follow can no longer be told from those of another process.
  void renew_history();

  /// Why the transaction would break an invariant (types, unknown layer or view, mode/order/index consistency, missing
  /// restore caches), or nothing. Changes nothing.
  std::optional<std::string> violation(const Transaction& transaction) const;

  /// Commits; a violation is a broken invariant and stops the process, so reducers judge outside input first.
  Committed commit(Transaction transaction);

  /// The newest published snapshot; thread-safe. Before the first commit: an idle scene without views.
  scene::SnapshotPtr snapshot() const;

  const Register* find(const scene::RegisterId& id) const;
  /// Every live register in a stable order. Removed ones are not listed.
  const std::map<scene::RegisterId, Register>& registers() const { return registers_; }

  std::uint64_t server_seq() const { return server_seq_; }
  /// Random; changes only when history was lost.
  const std::string& history_id() const { return history_id_; }

 private:
  /// Without the check.
  Committed apply(Transaction transaction, std::uint64_t server_seq, double unix_s);
  void publish(const std::vector<scene::RegisterId>& changed);

  void open_op(Transaction& transaction, const scene::ViewId& view) const;

  const Clock& clock_;
  std::string history_id_;
  std::uint64_t server_seq_ = 0;
  std::map<scene::RegisterId, Register> registers_;
  mutable std::mutex snapshot_mutex_;  ///< guards snapshot_ alone
  scene::SnapshotPtr snapshot_;
};

}  // namespace ndcast::ledger
