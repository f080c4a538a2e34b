#include "room/background.h"

#include "base/thread_pool.h"

namespace ndcast::room {

/// A session waits for one directory at a time; 256 sessions may each ask once.
constexpr std::size_t kWaitingTasks = 256;

Background::Background(const std::string& name) : tasks_(name, kWaitingTasks) {
  thread_ = std::thread([this, name] {
    set_thread_name(name);
    while (auto task = tasks_.pop()) {
      if (!stopping_) (*task)();
    }
  });
}

Background::~Background() {
  stopping_ = true;
  tasks_.close();
  thread_.join();
}

}  // namespace ndcast::room
