#pragma once
// A session that does nothing wrong, and how long it waits for its acks.

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <pthread.h>
#include <sched.h>

#include "bench/attack/attackers.h"
#include "bench/report.h"
#include "tests/wire_session.h"

namespace ndcast::bench {

/// Belongs to one thread, which it gives the right of way over the process' others.
class Witness {
 public:
  explicit Witness(const Target& target) : session_(target.port, target.token) {
    const sched_param first{.sched_priority = 1};
    pthread_setschedparam(pthread_self(), SCHED_RR | SCHED_RESET_ON_FORK, &first);
  }

  /// Updates about every 2 ms for so long.
  double p95_ms(std::chrono::milliseconds window) {
    std::vector<double> waits_ms;
    const auto end = std::chrono::steady_clock::now() + window;
    while (std::chrono::steady_clock::now() < end) {
      const auto sent = std::chrono::steady_clock::now();
      failures_ += session_.update("dims", "z", "index", std::to_string(++number_ % 8)) != "accepted";
      waits_ms.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - sent).count());
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return percentile(std::move(waits_ms), 0.95);
  }
  std::size_t failures() const { return failures_; }

 private:
  testing::Session session_;
  int number_ = 0;
  std::size_t failures_ = 0;
};

}  // namespace ndcast::bench
