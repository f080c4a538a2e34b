#include "ledger/flush.h"

#include <algorithm>

#include "base/check.h"

namespace ndcast::ledger {
namespace {

// Ops follow a person's clicks and a worker's level decisions; past this many unapplied ones the newest stands for
// those behind it, which changes nothing but how exactly their time-outs are counted.
constexpr std::size_t kTrackedOps = 64;

// Of the control thread, one part in so many is for telling: 50 sessions take about 0.35 ms of a 2.5 GHz core to tell,
// so that flushes are 0.7 ms apart; 200 take 1.2 ms and are 2.4 ms apart; one listener hears of everything at once.
constexpr int kTellingShare = 2;

}  // namespace

Flusher::Flusher(std::uint64_t server_seq) : told_(server_seq), committed_(server_seq) {}

void Flusher::note_commit(const Committed& committed, const std::optional<OpenedOp>& opened, MonotonicTime now) {
  if (committed.changed.empty()) return;
  ND_CHECK(committed.server_seq > committed_, "commits are noted once, in order");
  committed_ = committed.server_seq;
  if (opened) hold(committed, *opened, now);
  for (const scene::RegisterId& id : committed.changed) {
    if (!is_held(id)) dirty_.insert(id);
  }
}

void Flusher::hold(const Committed& committed, const OpenedOp& opened, MonotonicTime now) {
  ViewOps& view = ops_[opened.view];
  if (view.ops.size() < kTrackedOps) {
    view.ops.push_back({committed.server_seq, now, opened.kind != scene::OpKind::Bootstrap});
  } else {
    view.ops.back().server_seq = committed.server_seq;
  }
  for (const scene::RegisterId& id : committed.changed) {
    // An untold change of the same register before the op would now tell the op's value.
    dirty_.erase(id);
    view.held.insert(id);
  }
}

bool Flusher::is_held(const scene::RegisterId& id) const {
  return std::ranges::any_of(ops_, [&](const auto& view) { return view.second.held.contains(id); });
}

bool Flusher::reached(const scene::ViewId& view, std::uint64_t applied_server_seq) {
  const auto it = ops_.find(view);
  if (it == ops_.end()) return false;
  std::deque<OpenOp>& ops = it->second.ops;
  if (ops.back().server_seq <= applied_server_seq) return true;
  while (ops.front().server_seq <= applied_server_seq) ops.pop_front();
  return false;
}

void Flusher::close_op(const scene::ViewId& view) {
  const auto node = ops_.extract(view);
  if (node.empty()) return;
  for (const scene::RegisterId& id : node.mapped().held) {
    if (!is_held(id)) dirty_.insert(id);
  }
}

std::optional<MonotonicTime> Flusher::op_deadline(const ViewOps& view) {
  if (!std::ranges::all_of(view.ops, &OpenOp::timed)) return std::nullopt;
  return view.ops.front().opened_at + limits::kOpTimeout;
}

std::vector<scene::ViewId> Flusher::expired(MonotonicTime now) const {
  std::vector<scene::ViewId> views;
  for (const auto& [id, view] : ops_) {
    if (const auto deadline = op_deadline(view); deadline && *deadline <= now) views.push_back(id);
  }
  return views;
}

std::optional<Flush> Flusher::take(MonotonicTime now) {
  if (dirty_.empty() || now < due()) return std::nullopt;
  Flush flush{.from = told_, .to = committed_, .registers = {dirty_.begin(), dirty_.end()}};
  dirty_.clear();
  told_ = committed_;
  last_flush_ = now;
  return flush;
}

std::optional<MonotonicTime> Flusher::next_deadline() const {
  std::optional<MonotonicTime> earliest;
  const auto consider = [&](MonotonicTime time) { earliest = earliest ? std::min(*earliest, time) : time; };
  if (!dirty_.empty()) consider(due());
  for (const auto& [id, view] : ops_) {
    if (const auto deadline = op_deadline(view)) consider(*deadline);
  }
  return earliest;
}

MonotonicTime Flusher::due() const { return last_flush_ ? *last_flush_ + interval_ : MonotonicTime{}; }

void Flusher::note_cost(std::chrono::nanoseconds telling) {
  // Smoothed, so that one flush during which the machine did something else does not count for much.
  cost_ = cost_.count() == 0 ? telling : (cost_ * 7 + telling) / 8;
  interval_ = std::min<std::chrono::nanoseconds>(cost_ * kTellingShare, limits::kFlushIntervalBusy);
}

}  // namespace ndcast::ledger
