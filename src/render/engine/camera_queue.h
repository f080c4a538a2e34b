#pragma once
// Camera intents of one view on their way to the render thread (WP11): in order, bounded, none lost. A full queue makes
// room by folding: neighbours of one mode and view_epoch become one intent with the same effect.
//
//   queue.push(intent, now);
//   for (const QueuedIntent& queued : queue.take_all()) txn.apply(queued.intent);

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/limits.h"
#include "scene/intent.h"

namespace ndcast::render {

struct QueuedIntent {
  scene::CameraIntent intent;
  MonotonicTime time{};  ///< of the oldest input in it
};

/// One intent with the effect of `first` and then `second`, or nothing. Both must be of one mode, view_epoch and
/// canvas size. Pans add; zooms of one anchor multiply, of any anchor in 3D; orbits add; members that a later set gives
/// again replace the earlier ones; a reset swallows what comes before it. camera_seq is the larger.
std::optional<scene::CameraIntent> folded(const scene::CameraIntent& first, const scene::CameraIntent& second);

/// Not thread-safe.
class CameraQueue {
 public:
  explicit CameraQueue(std::size_t capacity = limits::kCameraQueue) : capacity_(capacity) {}

  /// A full queue folds neighbours wherever it can. When no two neighbours fold, the new intent is merged into the last
  /// one of its mode and kind, past what lies between: then the order of two gestures is inexact, and still nothing is
  /// lost. There is always one such: kinds and modes are ten.
  void push(scene::CameraIntent intent, MonotonicTime time);
  std::vector<QueuedIntent> take_all();

  bool empty() const { return items_.empty(); }
  std::size_t size() const { return items_.size(); }
  /// Intents merged into others so far.
  std::uint64_t folds() const { return folds_; }

 private:
  void fold_neighbours();

  const std::size_t capacity_;
  std::deque<QueuedIntent> items_;
  std::uint64_t folds_ = 0;
};

}  // namespace ndcast::render
