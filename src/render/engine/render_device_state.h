#pragma once
// The inside of RenderDevice: what its render thread shares with the workers that put things in.

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "render/engine/device_scene.h"
#include "render/engine/render_device.h"

namespace ndcast::render {

class RenderEngine;

struct RenderDevice::State : std::enable_shared_from_this<RenderDevice::State> {
  using ScenePtr = std::shared_ptr<DeviceScene>;

  State(MakeRenderer with_make_renderer, std::shared_ptr<image::ChunkLoader> with_loader, const Clock& with_clock,
        std::chrono::milliseconds with_hang_after)
      : make_renderer(std::move(with_make_renderer)),
        loader(std::move(with_loader)),
        clock(with_clock),
        hang_after(with_hang_after) {}

  void add(const ScenePtr& scene);
  void remove(const ScenePtr& scene);
  /// Changes what the mutex guards, then wakes the render thread.
  template <class Change>
  void change_and_wake(Change change) {
    {
      const std::lock_guard lock(mutex);
      change();
      woken = true;
    }
    ready.notify_one();
  }

  void start(std::unique_ptr<Renderer> renderer);
  void stop();

  const MakeRenderer make_renderer;
  const std::shared_ptr<image::ChunkLoader> loader;
  const Clock& clock;
  const std::chrono::milliseconds hang_after;

  std::mutex mutex;
  std::condition_variable ready;
  bool woken = false;
  bool stopping = false;
  std::vector<ScenePtr> scenes;

 private:
  /// The thread "render-watch": replaces an engine that hangs.
  void watch();
  void replace_engine();

  std::shared_ptr<RenderEngine> engine_;
  std::thread engine_thread_;
  std::thread watch_thread_;
  std::condition_variable stopped_;
};

}  // namespace ndcast::render
