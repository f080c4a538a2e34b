#pragma once
// The control thread's loop: sockets, timers, and work posted from other threads, one callback at a time.
//
//   EventLoop loop;
//   TimerHandle flush = loop.run_after(4ms, [&] { room.flush(); });   // dropping the handle cancels
//   std::jthread control([&] { loop.run(); });
//   loop.post([&] { … });                                             // from any thread
//   loop.stop();

#include <chrono>
#include <functional>
#include <memory>

#include "base/clock.h"

namespace ndcast::transport {

/// Owns one pending timer: destruction, assignment or cancel() means its function will not run. Control thread only;
/// must not outlive its loop.
class TimerHandle {
 public:
  TimerHandle() = default;
  /// True until the function was called or cancelled.
  bool pending() const;
  void cancel();

  struct State;
  explicit TimerHandle(std::shared_ptr<State> state) : state_(std::move(state)) {}
  ~TimerHandle() { cancel(); }
  TimerHandle(TimerHandle&& other) noexcept = default;
  TimerHandle& operator=(TimerHandle&& other) noexcept;
  TimerHandle(const TimerHandle&) = delete;
  TimerHandle& operator=(const TimerHandle&) = delete;

 private:
  std::shared_ptr<State> state_;
};

/// One thread calls run(); that thread is the control thread. post() and stop() are thread-safe, the rest belongs to
/// the control thread, or to whoever made the loop while it does not run.
class EventLoop {
 public:
  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  /// Serves until stop(), even while there is nothing to do.
  void run();
  /// Serves what is ready without waiting, and returns how many callbacks ran. For tests and for the last moments.
  std::size_t poll();
  /// Serves for at least `duration` (callbacks in progress are finished).
  void run_for(std::chrono::nanoseconds duration);
  void stop();

  /// Runs `function` on the control thread, after what was posted before it. Never from inside post().
  void post(std::function<void()> function);
  [[nodiscard]] TimerHandle run_after(std::chrono::nanoseconds delay, std::function<void()> function);
  MonotonicTime now() const { return std::chrono::steady_clock::now(); }

  /// For the transport's own files (asio_loop.h).
  struct Impl;
  Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace ndcast::transport
