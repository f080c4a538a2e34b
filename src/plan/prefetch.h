#pragma once
// Which places a view will look at next: a slider that is dragged, or an axis that plays, goes on the way it went.
// Pure: positions in, positions out.
//
//   motion = next_motion(motion, before, now, sizes);
//   for (const std::vector<std::int64_t>& index : places_ahead(motion, now, sizes)) fetch_early(index);

#include <cstdint>
#include <vector>

namespace ndcast::plan {

/// How the index moved last.
struct Motion {
  int axis = -1;          ///< the one that moved; −1: none did, or several at once (a jump)
  std::int64_t step = 0;  ///< by how much, with its sign; never 0 for an axis
  int streak = 0;         ///< moves in a row along this axis in this direction
  bool wraps = false;     ///< it came round from one end to the other: an axis that plays in a loop
  friend bool operator==(const Motion&, const Motion&) = default;
};

/// At most so many places: one more with each move in a row. At 30 planes a second eight are a quarter of a second,
/// some round trips to a distant store.
inline constexpr int kPlacesAhead = 8;
inline constexpr int kFirstPlacesAhead = 2;
/// A move by more than this part of an axis is a jump and says nothing of the next one, unless it comes round.
inline constexpr std::int64_t kJumpDivisor = 4;

/// The motion after a move from `from` to `to`; `sizes`: of each axis. No move: `before`.
Motion next_motion(const Motion& before, const std::vector<std::int64_t>& from, const std::vector<std::int64_t>& to,
                   const std::vector<std::int64_t>& sizes);

/// The places to come, the next first; then one behind, for who turns round. Inside the axes; empty without a motion.
std::vector<std::vector<std::int64_t>> places_ahead(const Motion& motion, const std::vector<std::int64_t>& index,
                                                    const std::vector<std::int64_t>& sizes);

}  // namespace ndcast::plan
