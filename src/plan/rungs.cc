#include "plan/rungs.h"

#include <algorithm>

namespace ndcast::plan {
namespace {

constexpr double kLeaveBelow = 0.5;
constexpr double kReturnAt = 0.7;
/// Beyond what the full size needs at least, for coming back.
constexpr double kToSpare = 1.4;

/// Bits a second that `fps` frames of so many pixels need at least.
double least_bps(double pixels, double fps) { return kLeastBitsPerPixel * pixels * fps; }

VideoRate rate_for(std::int64_t bps, const VideoRate& most, double pixels, double least_fps) {
  if (bps >= most.bitrate_bps) return most;
  const double affordable = static_cast<double>(bps) / least_bps(pixels, 1);
  return {bps, std::clamp(affordable, std::min(least_fps, most.fps), most.fps), true};
}

}  // namespace

Rungs plan_rungs(std::span<const Watcher> watchers, const VideoRate& most, const scene::Canvas& canvas) {
  std::int64_t best = 0;
  for (const Watcher& each : watchers) best = std::max(best, std::min(each.rate_bps, most.bitrate_bps));
  const double pixels = static_cast<double>(canvas.width) * canvas.height;
  const double full_needs = least_bps(pixels, kLeastFps);
  Rungs rungs;
  std::int64_t full_bps = most.bitrate_bps;
  std::int64_t half_bps = most.bitrate_bps;
  for (const Watcher& each : watchers) {
    const auto rate = static_cast<double>(each.rate_bps);
    const auto of_best = [&](double share) { return share * static_cast<double>(best); };
    const bool is_slow = each.has_half ? rate < of_best(kReturnAt) || rate < kToSpare * full_needs
                                       : rate < of_best(kLeaveBelow) || rate < full_needs;
    rungs.half.push_back(is_slow && each.takes_half);
    if (rungs.half.back()) {
      half_bps = std::min(half_bps, each.rate_bps);
    } else if (!is_slow) {
      full_bps = std::min(full_bps, each.rate_bps);
    }
  }
  // With nobody else there, one who knows one size only sets the rate.
  const bool is_for_slow_alone = std::ranges::none_of(
      watchers, [&](const Watcher& each) { return static_cast<double>(each.rate_bps) >= full_needs; });
  if (is_for_slow_alone && !watchers.empty()) full_bps = best;
  rungs.full_rate = rate_for(full_bps, most, pixels, kLeastFps);
  // There is no smaller size to go to: the frame rate takes what is left.
  rungs.half_rate = rate_for(half_bps, most, pixels / 4, kLeastFps / 3);
  return rungs;
}

}  // namespace ndcast::plan
