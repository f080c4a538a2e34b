#pragma once
// Who of a view's viewers gets which size of its video, and at which rates, so that a slow connection neither stalls
// nor coarsens what the others see. Pure.
//
//   const Rungs rungs = plan_rungs(watchers, {.bitrate_bps = 8'000'000, .fps = 30}, canvas);
//   … watchers[i] gets the half-size video where rungs.half[i] …

#include <cstdint>
#include <span>
#include <vector>

#include "scene/types.h"

namespace ndcast::plan {

/// One viewer of a view's video.
struct Watcher {
  std::int64_t rate_bps = 0;  ///< what its connection carries
  bool takes_half = true;     ///< false: it knows one size only (the original client)
  bool has_half = false;      ///< it gets the half-size video now
};

struct VideoRate {
  std::int64_t bitrate_bps = 0;
  double fps = 0;         ///< a frame gets bitrate / fps bits
  bool is_paced = false;  ///< frames come no faster than `fps`, so that the bit rate holds

  friend bool operator==(const VideoRate&, const VideoRate&) = default;
};

struct Rungs {
  std::vector<bool> half;  ///< of each watcher
  VideoRate full_rate;
  VideoRate half_rate;
};

/// Bits of a frame and pixel that a moving picture needs to be worth its size: 1.1 Mbit/s for 720p at 30 a second.
/// Below, x264's fastest preset is at its coarsest quantisers, and blocks are all that is seen.
inline constexpr double kLeastBitsPerPixel = 0.04;
/// Slower does not look like movement any more: the size goes first.
inline constexpr double kLeastFps = 15;

/// The bit rate goes down first, then the frame rate, then the size. The full size is sent at the least rate of its
/// watchers. A watcher with less than half of the best one's rate, or too little for the full size at all, gets the
/// half; it comes back at seven tenths of the best and with something to spare. `most` is what is allowed.
Rungs plan_rungs(std::span<const Watcher> watchers, const VideoRate& most, const scene::Canvas& canvas);

}  // namespace ndcast::plan
