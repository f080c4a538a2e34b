#include "room/background.h"

#include "base/thread_pool.h"

namespace ndcast::room {

Background::Background(const std::string& name, std::size_t waiting_tasks) : tasks_(name, waiting_tasks) {
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
