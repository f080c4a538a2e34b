#include "render/engine/render_device.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/log.h"
#include "render/engine/render_device_state.h"
#include "render/engine/render_engine.h"

namespace ndcast::render {

void RenderDevice::State::add(const ScenePtr& scene) {
  change_and_wake([&] { scenes.push_back(scene); });
}

void RenderDevice::State::remove(const ScenePtr& scene) {
  scene->close();
  change_and_wake([&] { std::erase(scenes, scene); });
}

void RenderDevice::State::start(std::unique_ptr<Renderer> renderer) {
  engine_ = std::make_shared<RenderEngine>(shared_from_this(), std::move(renderer));
  engine_thread_ = std::thread([engine = engine_] { engine->run(); });
  if (make_renderer && !watch_thread_.joinable()) watch_thread_ = std::thread([this] { watch(); });
}

void RenderDevice::State::stop() {
  {
    const std::lock_guard lock(mutex);
    stopping = true;
  }
  ready.notify_one();
  stopped_.notify_one();
  if (watch_thread_.joinable()) watch_thread_.join();
  engine_thread_.join();
  engine_.reset();
}

void RenderDevice::State::watch() {
  set_thread_name("render-watch");
  std::unique_lock lock(mutex);
  while (!stopped_.wait_for(lock, hang_after / 4, [this] { return stopping; })) {
    if (engine_->busy_for() < hang_after) continue;
    lock.unlock();
    replace_engine();
    lock.lock();
  }
}

void RenderDevice::State::replace_engine() {
  auto renderer = make_renderer();
  if (!renderer) {
    log().error("a renderer that hangs cannot be replaced: {}", renderer.error().message);
    return;
  }
  std::vector<ScenePtr> affected;
  {
    const std::lock_guard lock(mutex);
    engine_->abandon();
    for (const ScenePtr& scene : scenes) scene->begin_anew();
    affected = scenes;
  }
  // It holds what it uses, and ends when it finds out.
  engine_thread_.detach();
  start(*std::move(renderer));
  const std::string what =
      fmt::format("drawing took over {:.3g} s; it is begun anew", std::chrono::duration<double>(hang_after).count());
  for (const ScenePtr& scene : affected) scene->try_call(&WorkerCallbacks::on_failure, what);
}

RenderDevice::RenderDevice(std::unique_ptr<Renderer> renderer, std::shared_ptr<image::ChunkLoader> loader,
                           const Clock& clock, MakeRenderer again, std::chrono::milliseconds hang_after)
    : state_(std::make_shared<State>(std::move(again), std::move(loader), clock, hang_after)) {
  state_->start(std::move(renderer));
}

RenderDevice::~RenderDevice() { state_->stop(); }

}  // namespace ndcast::render
