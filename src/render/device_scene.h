#pragma once
// What a render device keeps of one scene: what other threads put in, and what the render thread made of it.

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "render/camera_queue.h"
#include "render/render_worker.h"
#include "render/view_runner.h"

namespace ndcast::render {

struct DeviceScene {
  struct ViewFlags {
    bool active = false;
    bool busy = false;
  };

  explicit DeviceScene(WorkerCallbacks with_callbacks) : callbacks(std::move(with_callbacks)) {}

  /// Calls back unless the scene was closed meanwhile.
  template <class T>
  void call(std::function<void(T)> WorkerCallbacks::* callback, T value) {
    const std::lock_guard lock(callbacks_mutex);
    if (const auto& function = callbacks.*callback) function(std::move(value));
  }
  void close() {
    const std::lock_guard lock(callbacks_mutex);
    callbacks = {};
  }

  // Guarded by the device's mutex.
  scene::SnapshotPtr newest;         ///< published so far
  scene::SnapshotPtr next_snapshot;  ///< not yet taken
  ImagesPtr next_images;
  MonotonicTime next_intent_time{};
  std::map<scene::ViewId, CameraQueue> cameras;
  std::map<scene::ViewId, std::uint64_t> cameras_taken;  ///< newest camera_seq that left the queue
  bool restart = false;                                  ///< the views begin anew, from `newest`
  std::map<scene::ViewId, ViewFlags> flags;
  RenderWorker::Stats stats;

  std::mutex callbacks_mutex;  ///< held while one runs
  WorkerCallbacks callbacks;

  // The render thread's own.
  scene::SnapshotPtr applied;
  std::map<scene::ViewId, std::unique_ptr<ViewRunner>> views;
};

}  // namespace ndcast::render
