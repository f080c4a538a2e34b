#pragma once
// Time comes through a Clock so that tests can hold it still. Monotonic time measures; wall time only labels.

#include <atomic>
#include <chrono>
#include <memory>

namespace ndcast {

using MonotonicTime = std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds>;
using namespace std::chrono_literals;

/// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual MonotonicTime now() const = 0;
  /// Seconds since 1970-01-01 UTC.
  virtual double unix_seconds() const = 0;
};

class SystemClock final : public Clock {
 public:
  MonotonicTime now() const override { return std::chrono::steady_clock::now(); }
  double unix_seconds() const override {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  }
};

/// A clock that moves only when told; starts at 1000 s monotonic, 1'700'000'000 s wall.
class FakeClock final : public Clock {
 public:
  MonotonicTime now() const override {
    return MonotonicTime(std::chrono::nanoseconds(elapsed_ns_.load() + 1'000'000'000'000));
  }
  double unix_seconds() const override { return 1.7e9 + static_cast<double>(elapsed_ns_.load()) * 1e-9; }
  void advance(std::chrono::nanoseconds by) { elapsed_ns_ += by.count(); }

 private:
  std::atomic<std::int64_t> elapsed_ns_{0};
};

inline double milliseconds(std::chrono::nanoseconds duration) { return static_cast<double>(duration.count()) * 1e-6; }

}  // namespace ndcast
