#pragma once
// The inside of RenderDevice, for it and for the workers that put things in.

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/limits.h"
#include "base/thread_pool.h"
#include "render/device_scene.h"
#include "render/picture_pool.h"
#include "render/render_device.h"

namespace ndcast::render {

struct RenderDevice::State {
  using ScenePtr = std::shared_ptr<DeviceScene>;
  /// One tick's share of a scene's inbox.
  struct Inputs {
    ScenePtr scene;
    scene::SnapshotPtr snapshot;
    ImagesPtr images;
    MonotonicTime intent_time{};
    bool restart = false;
    std::map<scene::ViewId, std::uint64_t> cameras_taken;  ///< when it restarts
    std::map<scene::ViewId, std::vector<QueuedIntent>> cameras;
    std::map<scene::ViewId, DeviceScene::ViewFlags> flags;
  };
  struct Due {
    ScenePtr scene;
    ViewRunner* view = nullptr;
  };

  State(std::unique_ptr<Renderer> with_renderer, std::shared_ptr<image::ChunkLoader> with_loader,
        const Clock& with_clock)
      : renderer(std::move(with_renderer)), loader(std::move(with_loader)), clock(with_clock) {}

  // Any thread.
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

  // The render thread.
  void run();
  std::optional<std::vector<Inputs>> take_inputs();
  static Inputs take_inputs_of(const ScenePtr& scene);
  void apply(Inputs& inputs);
  void apply_snapshot(const Inputs& inputs, MonotonicTime now);
  /// New runners for all views, which have applied nothing and count on.
  void begin_anew(const Inputs& inputs);
  std::unique_ptr<ViewRunner> make_runner(const scene::ViewId& id, RenderTxn txn = {});
  void forget_views(DeviceScene& scene, const std::vector<scene::ViewId>& gone);
  void tick(DeviceScene& scene, ViewRunner& view);
  void render(const Due& due);
  Due due_view(MonotonicTime now) const;
  void wait();
  void fail(DeviceScene& scene, ViewRunner* view, std::string_view what);
  static void report(DeviceScene& scene, ViewRunner& view);
  template <class Change>
  void count(Change change) {
    const std::lock_guard lock(mutex);
    change();
  }

  // Shared.
  std::mutex mutex;
  std::condition_variable ready;
  bool woken = false;
  bool stopping = false;
  std::vector<ScenePtr> scenes;
  /// Removed ones, until the render thread lets go of their views: it alone may.
  std::vector<ScenePtr> closed;

  // The render thread's own.
  const std::unique_ptr<Renderer> renderer;
  const std::shared_ptr<image::ChunkLoader> loader;
  const Clock& clock;
  ThreadPool pool{"assemble"};
  /// A scene's pipeline: its frames, the one being drawn and the one that its encoder retains for keyframes. What more
  /// scenes need is allocated.
  PicturePool pictures{limits::kFramePool + 2};
  std::vector<ScenePtr> present;  ///< as of this tick
  std::thread thread;
};

}  // namespace ndcast::render
