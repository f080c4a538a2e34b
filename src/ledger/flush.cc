#include "ledger/flush.h"

#include <algorithm>

#include "base/check.h"

namespace ndcast::ledger {
namespace {

// Ops follow a person's clicks and a worker's level decisions; past this many unapplied ones the newest stands for
// those behind it, which changes nothing but how exactly their time-outs are counted.
constexpr std::size_t kTrackedOps = 64;

// After telling, half as long is for everything else: 50 sessions take about 0.25 ms of a 2.6 GHz core to tell, so that
// flushes are 0.4 ms apart; 200 take 1 ms and are 1.5 ms apart; one listener hears of everything at once.
constexpr std::chrono::nanoseconds apart(std::chrono::nanoseconds telling) { return telling + telling / 2; }

}  // namespace

Flusher::Flusher(std::uint64_t server_seq) : told_(server_seq), committed_(server_seq) {}

void Flusher::note_commit(const Committed& committed, const std::optional<OpenedOp>& opened, MonotonicTime now) {
  if (committed.changed.empty()) return;
  ND_CHECK(committed.server_seq > committed_, "commits are noted once, in order");
  committed_ = committed.server_seq;
  Group& group = merge(committed);
  if (!opened) return;
  // What an op of several views changes is told at once, when the last of them has applied it.
  std::vector<scene::ViewId> views = opened->also_in;
  views.push_back(opened->view);
  for (const scene::ViewId& view : views) {
    group.holders.insert(view);
    track(committed, view, opened->kind, now);
  }
}

bool Flusher::snapshot_allowed(const scene::ViewId& view) const {
  if (ops_.contains(view)) return false;
  const auto is_others = [&](const scene::RegisterId& id) {
    const std::string_view owner = scene::view_of(id);
    return !owner.empty() && owner != view.value;
  };
  return std::ranges::all_of(groups_, [&](const auto& entry) {
    return !entry.second.holders.empty() && std::ranges::all_of(entry.second.registers, is_others);
  });
}

void Flusher::absorb(GroupNumber into, GroupNumber from) {
  auto node = groups_.extract(from);
  Group& target = groups_[into];
  for (scene::RegisterId& id : node.mapped().registers) {
    group_of_[id] = into;
    target.registers.push_back(std::move(id));
  }
  target.holders.merge(node.mapped().holders);
}

Flusher::Group& Flusher::merge(const Committed& committed) {
  GroupNumber number = 0;
  for (const scene::RegisterId& id : committed.changed) {
    const auto known = group_of_.find(id);
    if (known == group_of_.end() || known->second == number) continue;
    const GroupNumber other = known->second;
    if (number == 0) {
      number = other;
    } else {
      absorb(number, other);
    }
  }
  if (number == 0) number = ++last_group_;
  Group& group = groups_[number];
  for (const scene::RegisterId& id : committed.changed) {
    if (group_of_.emplace(id, number).second) group.registers.push_back(id);
  }
  return group;
}

void Flusher::track(const Committed& committed, const scene::ViewId& view, scene::OpKind kind, MonotonicTime now) {
  ViewOps& ops = ops_[view];
  if (ops.size() < kTrackedOps) {
    ops.push_back({committed.server_seq, now, kind != scene::OpKind::Bootstrap});
  } else {
    ops.back().server_seq = committed.server_seq;
  }
}

bool Flusher::has_tellable() const {
  return std::ranges::any_of(groups_, [](const auto& entry) { return entry.second.holders.empty(); });
}

bool Flusher::reached(const scene::ViewId& view, std::uint64_t applied_server_seq) {
  const auto it = ops_.find(view);
  if (it == ops_.end()) return false;
  ViewOps& ops = it->second;
  if (ops.back().server_seq <= applied_server_seq) return true;
  while (ops.front().server_seq <= applied_server_seq) ops.pop_front();
  return false;
}

void Flusher::close_op(const scene::ViewId& view) {
  if (ops_.erase(view) == 0) return;
  for (auto& [number, group] : groups_) group.holders.erase(view);
}

std::optional<MonotonicTime> Flusher::op_deadline(const ViewOps& ops) {
  if (!std::ranges::all_of(ops, &OpenOp::timed)) return std::nullopt;
  return ops.front().opened_at + limits::kOpTimeout;
}

std::vector<scene::ViewId> Flusher::expired(MonotonicTime now) const {
  std::vector<scene::ViewId> views;
  for (const auto& [id, view] : ops_) {
    if (const auto deadline = op_deadline(view); deadline && *deadline <= now) views.push_back(id);
  }
  return views;
}

std::optional<Flush> Flusher::take(MonotonicTime now) {
  if (!has_tellable() || now < due()) return std::nullopt;
  Flush flush{.from = told_, .to = committed_, .registers = {}};
  for (auto it = groups_.begin(); it != groups_.end();) {
    Group& group = it->second;
    if (!group.holders.empty()) {
      ++it;
      continue;
    }
    for (const scene::RegisterId& id : group.registers) group_of_.erase(id);
    std::ranges::move(group.registers, std::back_inserter(flush.registers));
    it = groups_.erase(it);
  }
  std::ranges::sort(flush.registers);
  told_ = committed_;
  last_flush_ = now;
  return flush;
}

std::optional<MonotonicTime> Flusher::next_deadline() const {
  std::optional<MonotonicTime> earliest;
  const auto consider = [&](MonotonicTime time) { earliest = earliest ? std::min(*earliest, time) : time; };
  if (has_tellable()) consider(due());
  for (const auto& [id, view] : ops_) {
    if (const auto deadline = op_deadline(view)) consider(*deadline);
  }
  return earliest;
}

MonotonicTime Flusher::due() const { return last_flush_ ? *last_flush_ + interval_ : MonotonicTime{}; }

void Flusher::note_cost(std::chrono::nanoseconds telling) {
  // Smoothed, so that one flush during which the machine did something else does not count for much.
  cost_ = cost_.count() == 0 ? telling : (cost_ * 7 + telling) / 8;
  interval_ = std::min<std::chrono::nanoseconds>(apart(cost_), limits::kFlushIntervalBusy);
}

}  // namespace ndcast::ledger
