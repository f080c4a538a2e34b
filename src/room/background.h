#pragma once
// Blocking work that the control thread must not do (directories, metadata, a look at voxels), one task after another
// on a thread of its own.

#include <cstddef>
#include <functional>
#include <string>
#include <thread>

#include "base/bounded_queue.h"

namespace ndcast::room {

class Background {
 public:
  /// A session waits for one directory at a time; 256 sessions may each ask once.
  static constexpr std::size_t kWaitingTasks = 256;

  explicit Background(const std::string& name, std::size_t waiting_tasks = kWaitingTasks);
  /// Finishes the task at work and drops the rest.
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  /// False when too much is waiting already. Thread-safe.
  bool post(std::function<void()> task) { return tasks_.try_push(std::move(task)); }

 private:
  BoundedQueue<std::function<void()>> tasks_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace ndcast::room
