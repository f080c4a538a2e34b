#pragma once
// What a render thread owns, and what it does: takes what other threads put into the scenes of its device, draws the
// view that has waited longest, sleeps. A device has one; when it hangs, another takes its place and the old one, which
// nobody can stop, shares nothing that it could harm.
//
//   auto engine = std::make_shared<RenderEngine>(state, std::move(renderer));
//   std::thread([engine] { engine->run(); });

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/thread_pool.h"
#include "render/engine/device_scene.h"
#include "render/engine/render_device_state.h"
#include "render/engine/view_runner.h"
#include "render/picture_pool.h"

namespace ndcast::render {

/// Belongs to its render thread, but for abandon() and busy_for().
class RenderEngine {
 public:
  RenderEngine(std::shared_ptr<RenderDevice::State> shared, std::unique_ptr<Renderer> renderer)
      : shared_(std::move(shared)), renderer_(std::move(renderer)) {}

  /// Until the device stops, or this engine is abandoned and finds out.
  void run();

  /// Any thread: what it does from now on is heard by nobody.
  void abandon() { abandoned_ = true; }
  /// Any thread: how long what it does at present, one picture or one look at new chunks, has taken.
  std::chrono::steady_clock::duration busy_for() const;

 private:
  using ScenePtr = std::shared_ptr<DeviceScene>;
  using Views = std::map<scene::ViewId, std::unique_ptr<ViewRunner>>;
  /// One tick's share of a scene's inbox.
  struct Inputs {
    ScenePtr scene;
    scene::SnapshotPtr snapshot;
    ImagesPtr images;
    MonotonicTime intent_time{};
    bool restart = false;
    std::map<scene::ViewId, DeviceScene::Counts> counts;  ///< when it restarts
    std::map<scene::ViewId, std::vector<QueuedIntent>> cameras;
    std::map<scene::ViewId, DeviceScene::ViewFlags> flags;
  };
  struct Due {
    ScenePtr scene;
    ViewRunner* view = nullptr;
  };
  /// Thrown where an abandoned engine would go on.
  struct Abandoned {};
  class Step;
  class Watched;

  std::optional<std::vector<Inputs>> take_inputs();
  Inputs take_inputs_of(const ScenePtr& scene);
  void apply(Inputs& inputs);
  void apply_snapshot(const Inputs& inputs, MonotonicTime now);
  /// New runners of all its views, which have applied nothing and count on.
  void begin_anew(const Inputs& inputs);
  std::unique_ptr<ViewRunner> make_runner(const scene::ViewId& id, RenderTxn txn = {});
  void forget_views(DeviceScene& scene, const std::vector<scene::ViewId>& gone);
  void tick(const ScenePtr& scene, ViewRunner& view);
  void render(const Due& due);
  Due due_view(MonotonicTime now) const;
  void wait();
  /// `raised`: by an exception; then the scene begins anew, once in kBetweenRestarts.
  void fail(const ScenePtr& scene, ViewRunner* view, std::string_view what, bool raised);
  void report(DeviceScene& scene, ViewRunner& view);
  template <class T>
  void call(DeviceScene& scene, std::function<void(T)> WorkerCallbacks::* callback, T value) {
    check_wanted();
    scene.call(callback, std::move(value));
  }
  void check_wanted() const {
    if (abandoned_) throw Abandoned{};
  }
  template <class Change>
  void count(Change change) {
    const std::lock_guard lock(shared_->mutex);
    change();
  }

  const std::shared_ptr<RenderDevice::State> shared_;
  const std::unique_ptr<Renderer> renderer_;
  ThreadPool pool_{"assemble"};
  /// A scene's pipeline: its frames, the one being drawn and the one that its encoder retains for keyframes. What more
  /// scenes need is allocated.
  PicturePool pictures_{limits::kFramePool + 2};
  std::vector<ScenePtr> present_;  ///< as of this tick
  struct Own {
    scene::SnapshotPtr applied;
    Views views;
  };
  std::map<ScenePtr, Own> scenes_;
  std::atomic<bool> abandoned_{false};
  std::atomic<std::chrono::steady_clock::rep> step_began_{0};  ///< 0: none
};

}  // namespace ndcast::render
