#pragma once
// A slot between two threads that holds only the newest value: the writer never waits, the reader never sees an old
// one.

#include <mutex>
#include <optional>
#include <utility>

namespace ndcast {

/// Thread-safe. put() replaces what was not yet taken and counts it; take() empties the slot.
template <class T>
class LatestCell {
 public:
  /// True when an untaken value was replaced.
  bool put(T value) {
    const std::lock_guard lock(mutex_);
    const bool replaced = slot_.has_value();
    slot_ = std::move(value);
    return replaced;
  }
  std::optional<T> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(slot_, std::nullopt);
  }
  bool empty() const {
    const std::lock_guard lock(mutex_);
    return !slot_.has_value();
  }

 private:
  mutable std::mutex mutex_;
  std::optional<T> slot_;
};

}  // namespace ndcast
