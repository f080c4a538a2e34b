#include "render/render_device.h"

#include <algorithm>
#include <exception>

#include <fmt/format.h>

#include "render/render_device_state.h"

namespace ndcast::render {
namespace {

/// With nothing due the thread looks up this often anyway; only a lost wake-up would make it matter.
constexpr std::chrono::seconds kLongestSleep{1};

}  // namespace

void RenderDevice::State::add(const ScenePtr& scene) {
  change_and_wake([&] { scenes.push_back(scene); });
}

void RenderDevice::State::remove(const ScenePtr& scene) {
  scene->close();
  change_and_wake([&] {
    std::erase(scenes, scene);
    closed.push_back(scene);
  });
}

RenderDevice::State::Inputs RenderDevice::State::take_inputs_of(const ScenePtr& scene) {
  Inputs inputs{.scene = scene};
  inputs.snapshot = std::exchange(scene->next_snapshot, nullptr);
  inputs.images = scene->next_images;
  inputs.intent_time = std::exchange(scene->next_intent_time, {});
  inputs.flags = scene->flags;
  inputs.restart = std::exchange(scene->restart, false);
  if (inputs.restart) inputs.cameras_taken = scene->cameras_taken;
  const scene::SceneSnapshot* shown = inputs.snapshot ? inputs.snapshot.get() : scene->applied.get();
  for (auto& [id, queue] : scene->cameras) {
    // Intents of a view that is not there yet wait for it.
    if (queue.empty() || !shown || !shown->find_view(id)) continue;
    std::vector<QueuedIntent>& taken = inputs.cameras[id] = queue.take_all();
    scene->cameras_taken[id] = taken.back().intent.camera_seq;
  }
  return inputs;
}

std::optional<std::vector<RenderDevice::State::Inputs>> RenderDevice::State::take_inputs() {
  std::vector<ScenePtr> let_go;
  std::vector<Inputs> inputs;
  {
    const std::lock_guard lock(mutex);
    if (stopping) return std::nullopt;
    woken = false;
    let_go = std::exchange(closed, {});
    present = scenes;
    for (const ScenePtr& scene : scenes) {
      ++scene->stats.ticks;
      inputs.push_back(take_inputs_of(scene));
    }
  }
  for (const ScenePtr& scene : let_go) scene->views.clear();
  return inputs;
}

void RenderDevice::State::fail(DeviceScene& scene, ViewRunner* view, std::string_view what) {
  if (view) view->give_up();
  count([&] { ++scene.stats.failures; });
  scene.call(&WorkerCallbacks::on_failure, std::string(what));
}

void RenderDevice::State::report(DeviceScene& scene, ViewRunner& view) {
  if (auto report = view.take_report()) scene.call(&WorkerCallbacks::on_applied, std::move(*report));
}

void RenderDevice::State::forget_views(DeviceScene& scene, const std::vector<scene::ViewId>& gone) {
  for (const scene::ViewId& id : gone) scene.views.erase(id);
  const std::lock_guard lock(mutex);
  for (const scene::ViewId& id : gone) {
    scene.cameras.erase(id);
    scene.cameras_taken.erase(id);
    scene.flags.erase(id);
  }
}

void RenderDevice::State::apply_snapshot(const Inputs& inputs, MonotonicTime now) {
  DeviceScene& scene = *inputs.scene;
  scene.applied = inputs.snapshot;
  std::vector<scene::ViewId> gone;
  for (const auto& [id, view] : scene.views) {
    if (!scene.applied->find_view(id)) gone.push_back(id);
  }
  if (!gone.empty()) forget_views(scene, gone);
  for (const auto& [id, state] : scene.applied->views) {
    auto& view = scene.views[id];
    if (!view) view = make_runner(id);
    view->apply(*scene.applied, state, inputs.images, inputs.intent_time, now);
  }
  count([&] { ++scene.stats.snapshots; });
}

std::unique_ptr<ViewRunner> RenderDevice::State::make_runner(const scene::ViewId& id, RenderTxn txn) {
  return std::make_unique<ViewRunner>(id, loader, pool, [this] { change_and_wake([] {}); }, std::move(txn));
}

void RenderDevice::State::begin_anew(const Inputs& inputs) {
  for (auto& [id, view] : inputs.scene->views) {
    const auto taken = inputs.cameras_taken.find(id);
    const std::uint64_t camera_seq = taken == inputs.cameras_taken.end() ? 0 : taken->second;
    view = make_runner(id, RenderTxn(camera_seq, view->view_epoch() + 1));
  }
  count([&] { ++inputs.scene->stats.restarts; });
}

void RenderDevice::State::apply(Inputs& inputs) {
  const MonotonicTime now = clock.now();
  DeviceScene& scene = *inputs.scene;
  if (inputs.restart) begin_anew(inputs);
  if (inputs.snapshot) apply_snapshot(inputs, now);
  for (const auto& [id, intents] : inputs.cameras) {
    const auto view = scene.views.find(id);
    if (view == scene.views.end()) continue;
    view->second->apply(intents, now);
    count([&] { scene.stats.camera_intents += intents.size(); });
  }
  for (const auto& [id, flag] : inputs.flags) {
    const auto view = scene.views.find(id);
    if (view == scene.views.end()) continue;
    view->second->set_active(flag.active, now);
    view->second->set_busy(flag.busy);
  }
}

void RenderDevice::State::tick(DeviceScene& scene, ViewRunner& view) {
  try {
    const MonotonicTime start = clock.now();
    view.plan(start);
    report(scene, view);
    view.load(start);
    if (auto obstacle = view.take_obstacle()) scene.call(&WorkerCallbacks::on_failure, std::move(*obstacle));
    const double elapsed = milliseconds(clock.now() - start);
    count([&] { scene.stats.last_assemble_ms = elapsed; });
  } catch (const std::exception& error) {
    fail(scene, &view, fmt::format("assembling a picture failed: {}", error.what()));
  }
}

void RenderDevice::State::render(const Due& due) {
  DeviceScene& scene = *due.scene;
  try {
    Result<RenderedFrame> frame = due.view->render(*renderer, pictures, clock);
    if (!frame) return fail(scene, due.view, frame.error().message);
    const double elapsed = milliseconds(frame->render_end - frame->render_start);
    count([&] {
      ++scene.stats.frames;
      scene.stats.last_render_ms = elapsed;
    });
    scene.call(&WorkerCallbacks::on_frame, std::move(*frame));
    report(scene, *due.view);
  } catch (const std::exception& error) {
    fail(scene, due.view, fmt::format("renderer \"{}\" failed: {}", renderer->name(), error.what()));
  }
}

RenderDevice::State::Due RenderDevice::State::due_view(MonotonicTime now) const {
  Due due;
  for (const ScenePtr& scene : present) {
    for (const auto& [id, view] : scene->views) {
      const std::optional<MonotonicTime> at = view->next_frame();
      // The one that waits longest goes first, whosever it is.
      if (!at || *at > now || (due.view && due.view->last_frame() <= view->last_frame())) continue;
      due = {scene, view.get()};
    }
  }
  return due;
}

void RenderDevice::State::wait() {
  const MonotonicTime now = clock.now();
  std::chrono::nanoseconds sleep = kLongestSleep;
  std::vector<RenderWorker::Stats> sums;
  for (const ScenePtr& scene : present) {
    RenderWorker::Stats& sum = sums.emplace_back();
    for (const auto& [id, view] : scene->views) {
      for (const auto& at : {view->next_frame(), view->next_work()}) {
        if (at) sleep = std::min(sleep, std::chrono::nanoseconds(*at - now));
      }
      sum.resident_bytes += view->bytes();
      sum.chunks_wanted += view->wanted_chunks();
      sum.chunks_visible += view->visible_chunks();
    }
  }
  std::unique_lock lock(mutex);
  for (std::size_t i = 0; i < present.size(); ++i) {
    RenderWorker::Stats& stats = present[i]->stats;
    stats.resident_bytes = sums[i].resident_bytes;
    stats.chunks_wanted = sums[i].chunks_wanted;
    stats.chunks_visible = sums[i].chunks_visible;
  }
  if (sleep > std::chrono::nanoseconds::zero()) ready.wait_for(lock, sleep, [this] { return woken || stopping; });
}

void RenderDevice::State::run() {
  set_thread_name("render-cpu");
  while (std::optional<std::vector<Inputs>> all = take_inputs()) {
    for (Inputs& inputs : *all) {
      try {
        apply(inputs);
      } catch (const std::exception& error) {
        fail(*inputs.scene, nullptr, fmt::format("applying a snapshot failed: {}", error.what()));
      }
      for (const auto& [id, view] : inputs.scene->views) tick(*inputs.scene, *view);
    }
    if (const Due due = due_view(clock.now()); due.view) {
      render(due);
    } else {
      wait();
    }
  }
  for (const auto& list : {&scenes, &closed, &present}) {
    for (const ScenePtr& scene : *list) scene->views.clear();
  }
}

RenderDevice::RenderDevice(std::unique_ptr<Renderer> renderer, std::shared_ptr<image::ChunkLoader> loader,
                           const Clock& clock)
    : state_(std::make_unique<State>(std::move(renderer), std::move(loader), clock)) {
  state_->thread = std::thread([state = state_.get()] { state->run(); });
}

RenderDevice::~RenderDevice() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->ready.notify_all();
  state_->thread.join();
}

}  // namespace ndcast::render
