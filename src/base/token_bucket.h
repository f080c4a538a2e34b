#pragma once
// How often something may be done: so many a second, and some at once after a rest.
//
//   TokenBucket bucket({.per_second = 600, .burst = 600}, now);
//   if (const auto wait = bucket.take(now)) → not yet; ask again after that time
//
// Refill is computed from the time that passed: no timers. Not thread-safe.

#include <chrono>
#include <optional>

#include "base/clock.h"

namespace ndcast {

struct Rate {
  double per_second = 0;
  double burst = 0;  ///< what may come at once after a rest
};

class TokenBucket {
 public:
  TokenBucket(Rate rate, MonotonicTime now) : rate_(rate), tokens_(rate.burst), filled_at_(now) {}

  /// Takes `cost`, or takes nothing and says when it will be there (at least 1 ms; a cost above the burst is judged as
  /// the burst).
  std::optional<std::chrono::milliseconds> take(MonotonicTime now, double cost = 1);
  /// Takes `cost` whether it is there or not, down to a debt of the burst: what comes later waits until it is paid.
  void charge(MonotonicTime now, double cost);
  bool is_full(MonotonicTime now);

 private:
  void fill(MonotonicTime now);
  Rate rate_;
  double tokens_;
  MonotonicTime filled_at_;
};

}  // namespace ndcast
