#pragma once
// The load generator's one loop: every client of every writer and observer is a socket in one epoll set, served by one
// thread, so that one clock stamps both ends of every value.
//
//   Poller poller;
//   while (clock_now() < end) poller.poll(next_write - clock_now());

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace ndcast::bench {

using Time = std::chrono::steady_clock::time_point;
inline Time clock_now() { return std::chrono::steady_clock::now(); }

class Pollable {
 public:
  virtual ~Pollable() = default;
  /// The descriptor can be read, can be written again, or is gone; `events` are epoll's.
  virtual void on_ready(std::uint32_t events) = 0;
};

class Poller {
 public:
  Poller();
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  /// `pollable` outlives its membership.
  void add(int descriptor, Pollable& pollable);
  void set_writing(int descriptor, Pollable& pollable, bool writing);
  void remove(int descriptor);
  /// Serves what is ready, waiting for at most `timeout` (not at all when it is negative).
  void poll(std::chrono::nanoseconds timeout);

 private:
  int epoll_ = -1;
};

}  // namespace ndcast::bench
