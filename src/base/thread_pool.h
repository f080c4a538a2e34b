#pragma once
// A persistent pool for data-parallel work inside one frame: for_each_index() spreads indices over the workers through
// an atomic counter and returns when all are done. The caller works too.

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace ndcast {

/// Names the calling thread for debuggers and `top -H` (15 characters at most are kept).
void set_thread_name(const std::string& name);
/// Of the calling thread: it runs where nobody else wants to, and a tenth of the time where others do. For work that
/// pictures must not wait for. Where the system refuses, all stays as it is.
void yield_to_others();

/// One for_each_index() at a time, from one thread.
class ThreadPool {
 public:
  /// `threads` in total, the caller included; 0 means one a core. Workers are named "NAME-1", "NAME-2", ….
  explicit ThreadPool(const std::string& name, std::size_t threads = 0);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  std::size_t threads() const { return workers_.size() + 1; }

  /// Calls body(i) once for each i in [0, count), in any order and on any of the threads; returns when all have
  /// returned. `body` must not throw.
  void for_each_index(std::size_t count, const std::function<void(std::size_t)>& body);

 private:
  void run(const std::string& name);
  void drain();

  std::vector<std::thread> workers_;
  std::mutex mutex_;
  std::condition_variable start_;
  std::condition_variable done_;
  const std::function<void(std::size_t)>* body_ = nullptr;
  std::size_t count_ = 0;
  std::atomic<std::size_t> next_{0};
  std::size_t busy_ = 0;
  std::uint64_t generation_ = 0;
  bool stopping_ = false;
};

}  // namespace ndcast
