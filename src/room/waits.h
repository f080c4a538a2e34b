#pragma once
// Whether anybody waits for the answer to a command still, once a thread gets to it: after its time-out, the work is
// not begun.
//
//   post([waits = Waits(clock, limits::kCommandTimeout), finish] { if (waits.are_over()) return finish(told_already());
//   … });

#include <chrono>

#include "base/clock.h"
#include "base/result.h"

namespace ndcast::room {

/// Any thread; the clock outlives it.
class Waits {
 public:
  Waits(const Clock& clock, std::chrono::nanoseconds timeout) : clock_(&clock), until_(clock.now() + timeout) {}
  bool are_over() const { return clock_->now() >= until_; }

 private:
  const Clock* clock_;
  MonotonicTime until_;
};

inline std::unexpected<Error> told_already() { return fail(ErrorCode::Timeout, "took too long"); }

}  // namespace ndcast::room
