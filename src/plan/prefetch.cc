#include "plan/prefetch.h"

#include <algorithm>
#include <cstdlib>

namespace ndcast::plan {

Motion next_motion(const Motion& before, const std::vector<std::int64_t>& from, const std::vector<std::int64_t>& to,
                   const std::vector<std::int64_t>& sizes) {
  if (from.size() != to.size() || to.size() != sizes.size()) return {};
  int moved = -1;
  for (std::size_t axis = 0; axis < to.size(); ++axis) {
    if (from[axis] == to[axis]) continue;
    if (moved >= 0) return {};
    moved = static_cast<int>(axis);
  }
  if (moved < 0) return before;
  const auto axis = static_cast<std::size_t>(moved);
  std::int64_t step = to[axis] - from[axis];
  const bool follows = before.axis == moved;
  // From the last position to the first, of an axis that went up: it goes on up.
  bool wraps = follows && before.wraps;
  if (follows && (step < 0) != (before.step < 0) && std::abs(step) > sizes[axis] / 2) {
    step += before.step > 0 ? sizes[axis] : -sizes[axis];
    wraps = true;
  }
  if (step == 0 || std::abs(step) > std::max<std::int64_t>(sizes[axis] / kJumpDivisor, 1)) return {};
  const bool same_way = follows && (step < 0) == (before.step < 0);
  return {moved, step, same_way ? before.streak + 1 : 1, same_way && wraps};
}

std::vector<std::vector<std::int64_t>> places_ahead(const Motion& motion, const std::vector<std::int64_t>& index,
                                                    const std::vector<std::int64_t>& sizes) {
  std::vector<std::vector<std::int64_t>> out;
  if (motion.axis < 0 || static_cast<std::size_t>(motion.axis) >= index.size() || index.size() != sizes.size()) {
    return out;
  }
  const auto axis = static_cast<std::size_t>(motion.axis);
  const auto add = [&](std::int64_t steps) {
    std::int64_t at = index[axis] + steps * motion.step;
    if (motion.wraps && sizes[axis] > 0) at = (at % sizes[axis] + sizes[axis]) % sizes[axis];
    if (at < 0 || at >= sizes[axis] || at == index[axis]) return;
    out.push_back(index);
    out.back()[axis] = at;
  };
  const int count = std::min(kFirstPlacesAhead + std::max(motion.streak - 1, 0), kPlacesAhead);
  for (int i = 1; i <= count; ++i) add(i);
  add(-1);
  return out;
}

}  // namespace ndcast::plan
