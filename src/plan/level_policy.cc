#include "plan/level_policy.h"

#include <algorithm>
#include <cmath>

namespace ndcast::plan {
namespace {

/// A hint this near to 1 is no zoom.
constexpr double kHintDeadband = 1e-3;

struct Wish {
  int level;
  std::string_view reason;
};

bool at_most(const std::optional<double>& value, double limit) { return value && *value <= limit; }
bool above(const std::optional<double>& value, double limit) { return value && *value > limit; }

Wish wish_of(const LevelQuestion& question, int coarsest, const LevelThresholds& thresholds) {
  const int current = question.current;
  const auto& over = question.oversampling;
  if (question.zoom_hint && *question.zoom_hint < 1.0 - kHintDeadband && current > 0) return {current - 1, "zoom-in"};
  if (question.zoom_hint && *question.zoom_hint > 1.0 + kHintDeadband && current < coarsest) {
    return {current + 1, "zoom-out"};
  }
  const double fine = std::max(thresholds.fine_threshold, thresholds.threshold_in);
  const auto at = static_cast<std::size_t>(current);
  if (current > 0 && at_most(over[at - 1], fine)) return {current - 1, "heuristic"};
  if (current < coarsest && above(over[at], thresholds.threshold_out)) return {current + 1, "heuristic"};
  return {current, "heuristic"};
}

/// The wish, unless a threshold forbids it. A level that cannot be judged is not entered.
int gated(const Wish& wish, const LevelQuestion& question, const LevelThresholds& thresholds) {
  const int current = question.current;
  const auto& over = question.oversampling;
  if (thresholds.hysteresis > 0.0 && std::abs(wish.level - current) == 1) return current;
  const double in = wish.reason == "zoom-in" ? std::min(kHintedThreshold, thresholds.threshold_in)  //
                                             : thresholds.threshold_in;
  const double out =
      wish.reason == "zoom-out" ? std::min(kHintedThreshold, thresholds.threshold_out) : thresholds.threshold_out;
  if (wish.level < current && !at_most(over[static_cast<std::size_t>(wish.level)], in)) return current;
  if (wish.level > current && !above(over[static_cast<std::size_t>(current)], out)) return current;
  return wish.level;
}

}  // namespace

LevelDecision decide_level(const LevelQuestion& asked, const LevelThresholds& thresholds) {
  LevelQuestion question = asked;
  const int coarsest = static_cast<int>(question.oversampling.size()) - 1;
  if (!std::ranges::any_of(question.oversampling, [](const auto& value) { return value.has_value(); })) {
    return {question.current, question.current, "no-oversampling"};
  }
  question.current = std::clamp(question.current, 0, coarsest);
  const Wish wish = wish_of(question, coarsest, thresholds);
  int selected = gated(wish, question, thresholds);
  std::string_view reason = wish.reason;
  if (question.locked) {
    selected = std::clamp(*question.locked, 0, coarsest);
    reason = "locked";
  }
  if (selected == question.current) return {selected, selected, question.locked ? "locked" : "hold"};
  if (question.since_switch && *question.since_switch < thresholds.cooldown) {
    return {question.current, selected, "cooldown"};
  }
  return {selected, selected, reason};
}

int settled_level(const std::vector<std::optional<double>>& oversampling, int from, const LevelThresholds& thresholds) {
  LevelQuestion question;
  question.current = from;
  question.oversampling = oversampling;
  // The policy never turns back within one picture (finer needs ≤ 1.05, coarser > 1.35 of a level that is coarser
  // still), so as many steps as there are levels reach the rest; thresholds that contradict each other end here too.
  for (std::size_t step = 0; step < oversampling.size(); ++step) {
    const LevelDecision decision = decide_level(question, thresholds);
    if (decision.level == question.current) break;
    question.current = decision.level;
  }
  return question.current;
}

int affordable_level(int level, std::span<const std::int64_t> costs, std::int64_t budget) {
  const int coarsest = static_cast<int>(costs.size()) - 1;
  for (int candidate = std::max(level, 0); candidate <= coarsest; ++candidate) {
    if (costs[static_cast<std::size_t>(candidate)] <= budget) return candidate;
  }
  return std::max(coarsest, 0);
}

}  // namespace ndcast::plan
