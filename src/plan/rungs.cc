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
  std::int64_t slow_bps = 0;
  bool is_for_slow_alone = true;
  const double to_return = std::min(kToSpare * full_needs, static_cast<double>(most.bitrate_bps));
  for (const Watcher& each : watchers) {
    const auto rate = static_cast<double>(each.rate_bps);
    const auto of_best = [&](double share) { return share * static_cast<double>(best); };
    const bool is_slow = each.has_half ? rate < of_best(kReturnAt) || rate < to_return
                                       : rate < of_best(kLeaveBelow) || rate < full_needs;
    rungs.half.push_back(is_slow && each.takes_half);
    if (rungs.half.back()) {
      half_bps = std::min(half_bps, each.rate_bps);
    } else if (is_slow) {
      slow_bps = std::max(slow_bps, each.rate_bps);
    } else {
      full_bps = std::min(full_bps, each.rate_bps);
      is_for_slow_alone = false;
    }
  }
  // With nobody else in the full size, those who know no other set its rate.
  if (is_for_slow_alone && slow_bps > 0) full_bps = slow_bps;
  rungs.full_rate = rate_for(full_bps, most, pixels, kLeastFps);
  // There is no smaller size to go to: the frame rate takes what is left.
  rungs.half_rate = rate_for(half_bps, most, pixels / 4, kLeastFps / 3);
  return rungs;
}

}  // namespace ndcast::plan
