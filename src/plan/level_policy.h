#pragma once
// Which pyramid level a 2D view shows: one step finer or coarser when the picture needs it, held by thresholds and a
// cooldown so that it does not flutter. The original's policy, exactly (reference facts §6.2), except that it never
// fails: a budget that no level fits gives the coarsest.
//
//   const LevelDecision decision = decide_level({.current = 1, .oversampling = {0.95, 1.6}, .zoom_hint = 0.5});
//   if (decision.level != 1) switch_to(decision.level);

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "scene/types.h"

namespace ndcast::plan {

struct LevelThresholds {
  double threshold_in = 1.05;    ///< finer only while the finer level has at most this many data pixels a canvas pixel
  double threshold_out = 1.35;   ///< coarser only while the current level has more than this many
  double fine_threshold = 1.05;  ///< the heuristic's wish for finer; at least threshold_in counts
  double hysteresis = 0.0;       ///< above 0: single steps are not taken
  std::chrono::milliseconds cooldown{150};
};

/// A zoom hint is the factor of the last zoom verb; older than this it says nothing.
inline constexpr std::chrono::milliseconds kZoomHintLifetime{500};
/// With a hint the direction is known, so both thresholds are at most this.
inline constexpr double kHintedThreshold = 1.20;

struct LevelQuestion {
  int current = 0;  ///< 0 is the finest
  /// Data pixels a canvas pixel, one a level, finest first (roi.h); nothing for a level that cannot be judged.
  std::vector<std::optional<double>> oversampling;
  std::optional<double> zoom_hint;
  std::optional<int> locked;
  std::optional<std::chrono::nanoseconds> since_switch;  ///< nothing: there was no switch yet
};

struct LevelDecision {
  int level = 0;   ///< to show from now on: the current one unless the policy switches
  int wanted = 0;  ///< what the policy selected, cooldown aside
  /// "zoom-in", "zoom-out", "heuristic", "locked": it switches for that reason. "hold": nothing to change. "cooldown":
  /// it would switch, but did so less than the cooldown ago. "no-oversampling": no level can be judged.
  std::string_view reason = "hold";
};
LevelDecision decide_level(const LevelQuestion& question, const LevelThresholds& thresholds = {});

/// The level at which the policy comes to rest from `from`, without hint and cooldown: what a view opens with.
int settled_level(const std::vector<std::optional<double>>& oversampling, int from,
                  const LevelThresholds& thresholds = {});

/// The first level from `level` towards coarser whose cost is at most `budget`; the coarsest when none is.
int affordable_level(int level, std::span<const std::int64_t> costs, std::int64_t budget);

}  // namespace ndcast::plan
