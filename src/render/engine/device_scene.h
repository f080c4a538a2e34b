#pragma once
// What a render device keeps of one scene: what other threads put in, and what the render thread made of it.

#include <atomic>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "render/engine/camera_queue.h"
#include "render/engine/render_worker.h"

namespace ndcast::render {

struct DeviceScene {
  struct ViewFlags {
    bool active = false;
    bool busy = false;
    /// How often the view became active: the last viewer may have left and the next one come between two looks.
    std::uint64_t activations = 0;
    double fps_limit = std::numeric_limits<double>::infinity();
  };

  /// Where a view goes on that begins anew.
  struct Counts {
    std::uint64_t camera_seq = 0;  ///< newest that left the queue
    std::uint32_t view_epoch = 0;
  };

  explicit DeviceScene(WorkerCallbacks with_callbacks) : callbacks(std::move(with_callbacks)) {}

  /// Calls back unless the scene was closed meanwhile.
  template <class T>
  void call(std::function<void(T)> WorkerCallbacks::* callback, T value) {
    const std::lock_guard lock(callbacks_mutex);
    if (const auto& function = callbacks.*callback) function(std::move(value));
  }
  /// The same, unless one is running.
  template <class T>
  void try_call(std::function<void(T)> WorkerCallbacks::* callback, T value) {
    const std::unique_lock lock(callbacks_mutex, std::try_to_lock);
    if (!lock) return;
    if (const auto& function = callbacks.*callback) function(std::move(value));
  }
  void close() {
    const std::lock_guard lock(callbacks_mutex);
    callbacks = {};
  }

  /// What the views applied, decided and hold is forgotten, from `newest` on.
  void begin_anew() {
    restart = true;
    next_snapshot = newest;
  }

  // Guarded by the device's mutex.
  scene::SnapshotPtr newest;         ///< published so far
  scene::SnapshotPtr next_snapshot;  ///< not yet taken
  ImagesPtr next_images;
  MonotonicTime next_intent_time{};
  std::map<scene::ViewId, CameraQueue> cameras;
  std::map<scene::ViewId, Counts> counts;
  bool restart = false;       ///< the views begin anew, from `newest`
  MonotonicTime failed_at{};  ///< when an exception last made them
  std::map<scene::ViewId, ViewFlags> flags;
  RenderWorker::Stats stats;

  /// Something was put in since the render thread last looked: a picture of full quality is given up for it.
  std::atomic<bool> has_news{false};

  std::mutex callbacks_mutex;  ///< held while one runs
  WorkerCallbacks callbacks;
};

}  // namespace ndcast::render
