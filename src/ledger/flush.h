#pragma once
// When what was committed is told, and what of it: WP12 and WP13 of docs/protocol.md as a pure state machine between
// the ledger and the mirrors.
//
//   Flusher flusher(ledger.server_seq());
//   flusher.note_commit(ledger.commit(transaction), opened, now);
//   if (std::optional<Flush> flush = flusher.take(now)) print_to_everyone(*flush);
//   arm_timer(flusher.next_deadline());
//
// A flush merges whole consecutive transactions; a register is in it once, with whatever value it has by then.
// Registers that an op's transaction changed are held back until the op closes, and with them every transaction that
// shares a register with what is held: else a part of it would be told. No others are ever held. A held register
// belongs to the flush that carries it, so every commit is in exactly one flush and a held change is in a later one
// than its neighbours.
//
// Control thread only (or any one thread: it has no clock and calls nobody).

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "base/clock.h"
#include "base/limits.h"
#include "ledger/ledger.h"

namespace ndcast::ledger {

/// The op that a commit opened (Transaction::opens, ::view and ::also_in).
struct OpenedOp {
  scene::ViewId view = scene::kMainView;
  scene::OpKind kind = scene::OpKind::Bootstrap;
  std::vector<scene::ViewId> also_in;
};

/// Takes a reader from server_seq `from` to `to`; they are equal only when an op closed without a commit.
struct Flush {
  std::uint64_t from = 0;
  std::uint64_t to = 0;
  std::vector<scene::RegisterId> registers;  ///< sorted, each once; their values are those in the ledger now
};

class Flusher {
 public:
  /// What is committed up to `server_seq` counts as told.
  explicit Flusher(std::uint64_t server_seq);

  /// `opened` when the transaction opened an op: its registers are held from here on.
  void note_commit(const Committed& committed, const std::optional<OpenedOp>& opened, MonotonicTime now);

  /// True when the view has an open op and `applied_server_seq` reaches its newest one: the caller commits what the
  /// op's end changes (reduce::close_op) and then calls close_op.
  bool reached(const scene::ViewId& view, std::uint64_t applied_server_seq);
  /// Releases what the view's ops held.
  void close_op(const scene::ViewId& view);

  /// Views whose oldest unapplied op has been open for limits::kOpTimeout; none while a bootstrap is among their ops.
  std::vector<scene::ViewId> expired(MonotonicTime now) const;

  /// The flush that is due, or nothing: nothing to tell, or the last one left less than the interval ago.
  std::optional<Flush> take(MonotonicTime now);

  /// True when a snapshot of the ledger, for a reader in `view`, shows nothing that is held or untold: an open op of
  /// another view counts only where it holds what is shared or this view's own (a replaced scene).
  bool snapshot_allowed(const scene::ViewId& view) const;

  /// When take() or expired() will have something; possibly in the past.
  std::optional<MonotonicTime> next_deadline() const;

  /// How long it took to print the last flush and to hand it to everybody. From then on flushes leave so far apart that
  /// telling takes two thirds of the thread, and at most kFlushIntervalBusy apart. Nothing measured: kFlushInterval.
  void note_cost(std::chrono::nanoseconds telling);

 private:
  struct OpenOp {
    std::uint64_t server_seq = 0;
    MonotonicTime opened_at;
    bool timed = true;  ///< false for a bootstrap
  };
  using ViewOps = std::deque<OpenOp>;  ///< oldest first, never empty
  /// Untold registers that are told together: the transactions that changed them overlap.
  struct Group {
    std::vector<scene::RegisterId> registers;
    std::set<scene::ViewId> holders;  ///< views whose ops hold it back; it is told when there are none
  };
  using GroupNumber = std::uint64_t;

  void track(const Committed& committed, const scene::ViewId& view, scene::OpKind kind, MonotonicTime now);
  /// The group of all that the commit changed and of what overlaps it.
  Group& merge(const Committed& committed);
  void absorb(GroupNumber into, GroupNumber from);
  bool has_tellable() const;
  /// When what is tellable may leave.
  MonotonicTime due() const;
  static std::optional<MonotonicTime> op_deadline(const ViewOps& ops);

  std::uint64_t told_;       ///< `to` of the last flush
  std::uint64_t committed_;  ///< newest server_seq noted
  std::map<GroupNumber, Group> groups_;
  std::map<scene::RegisterId, GroupNumber> group_of_;
  GroupNumber last_group_ = 0;
  std::map<scene::ViewId, ViewOps> ops_;
  std::optional<MonotonicTime> last_flush_;
  std::chrono::nanoseconds cost_{0};  ///< of a flush, smoothed
  std::chrono::nanoseconds interval_ = limits::kFlushInterval;
};

}  // namespace ndcast::ledger
