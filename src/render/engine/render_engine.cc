#include "render/engine/render_engine.h"

#include <algorithm>
#include <exception>
#include <utility>

#include <fmt/format.h>

namespace ndcast::render {
namespace {

/// With nothing due the thread looks up this often anyway; only a lost wake-up would make it matter.
constexpr std::chrono::seconds kLongestSleep{1};
/// What fails at once again is not begun anew at once again: it waits for a change.
constexpr std::chrono::seconds kBetweenRestarts{10};

}  // namespace

/// Notes when something began that is not to take long.
class RenderEngine::Step {
 public:
  explicit Step(RenderEngine& engine) : engine_(engine) {
    engine_.step_began_ =
        std::max<std::chrono::steady_clock::rep>(std::chrono::steady_clock::now().time_since_epoch().count(), 1);
  }
  ~Step() { engine_.step_began_ = 0; }
  Step(const Step&) = delete;
  Step& operator=(const Step&) = delete;

 private:
  RenderEngine& engine_;
};

/// The renderer, from which an abandoned engine does not come back.
class RenderEngine::Watched final : public Renderer {
 public:
  explicit Watched(RenderEngine& engine) : engine_(engine) {}
  std::string_view name() const override { return engine_.renderer_->name(); }
  Result<void> render(const FrameInput& input, Picture& out) override {
    Result<void> drawn = engine_.renderer_->render(input, out);
    engine_.check_wanted();
    return drawn;
  }

 private:
  RenderEngine& engine_;
};

std::chrono::steady_clock::duration RenderEngine::busy_for() const {
  using Clock = std::chrono::steady_clock;
  const Clock::rep began = step_began_;
  return began == 0 ? Clock::duration::zero() : Clock::now().time_since_epoch() - Clock::duration(began);
}

RenderEngine::Inputs RenderEngine::take_inputs_of(const ScenePtr& scene) {
  Inputs inputs{.scene = scene};
  scene->has_news = false;
  inputs.snapshot = std::exchange(scene->next_snapshot, nullptr);
  inputs.images = scene->next_images;
  inputs.intent_time = std::exchange(scene->next_intent_time, {});
  inputs.flags = scene->flags;
  inputs.restart = std::exchange(scene->restart, false);
  if (inputs.restart) inputs.counts = scene->counts;
  const scene::SceneSnapshot* shown = inputs.snapshot ? inputs.snapshot.get() : scenes_[scene].applied.get();
  for (auto& [id, queue] : scene->cameras) {
    // Intents of a view that is not there yet wait for it.
    if (queue.empty() || !shown || !shown->find_view(id)) continue;
    std::vector<QueuedIntent>& taken = inputs.cameras[id] = queue.take_all();
    scene->counts[id].camera_seq = taken.back().intent.camera_seq;
  }
  return inputs;
}

std::optional<std::vector<RenderEngine::Inputs>> RenderEngine::take_inputs() {
  std::vector<Inputs> inputs;
  {
    const std::lock_guard lock(shared_->mutex);
    check_wanted();
    if (shared_->stopping) return std::nullopt;
    shared_->woken = false;
    present_ = shared_->scenes;
    for (const ScenePtr& scene : present_) {
      ++scene->stats.ticks;
      inputs.push_back(take_inputs_of(scene));
    }
  }
  std::erase_if(scenes_, [&](const auto& own) { return std::ranges::find(present_, own.first) == present_.end(); });
  return inputs;
}

void RenderEngine::fail(const ScenePtr& scene, ViewRunner* view, std::string_view what, bool raised) {
  check_wanted();
  if (view) view->give_up();
  count([&] {
    ++scene->stats.failures;
    const MonotonicTime now = shared_->clock.now();
    const bool lately = scene->failed_at != MonotonicTime{} && now - scene->failed_at < kBetweenRestarts;
    if (!raised || lately) return;
    scene->failed_at = now;
    scene->begin_anew();
    shared_->woken = true;
  });
  call(*scene, &WorkerCallbacks::on_failure, std::string(what));
}

void RenderEngine::report(DeviceScene& scene, ViewRunner& view) {
  if (auto report = view.take_report()) call(scene, &WorkerCallbacks::on_applied, std::move(*report));
}

void RenderEngine::forget_views(DeviceScene& scene, const std::vector<scene::ViewId>& gone) {
  const std::lock_guard lock(shared_->mutex);
  for (const scene::ViewId& id : gone) {
    scene.cameras.erase(id);
    scene.counts.erase(id);
    scene.flags.erase(id);
  }
}

void RenderEngine::apply_snapshot(const Inputs& inputs, MonotonicTime now) {
  Own& own = scenes_[inputs.scene];
  own.applied = inputs.snapshot;
  std::vector<scene::ViewId> gone;
  for (const auto& [id, view] : own.views) {
    if (!own.applied->find_view(id)) gone.push_back(id);
  }
  for (const scene::ViewId& id : gone) own.views.erase(id);
  if (!gone.empty()) forget_views(*inputs.scene, gone);
  for (const auto& [id, state] : own.applied->views) {
    auto& view = own.views[id];
    if (!view) view = make_runner(id);
    view->apply(*own.applied, state, inputs.images, inputs.intent_time, now);
  }
  count([&] {
    ++inputs.scene->stats.snapshots;
    for (const auto& [id, view] : own.views) inputs.scene->counts[id].view_epoch = view->view_epoch();
  });
}

std::unique_ptr<ViewRunner> RenderEngine::make_runner(const scene::ViewId& id, RenderTxn txn) {
  return std::make_unique<ViewRunner>(
      id, shared_->loader, pool_, [shared = shared_.get()] { shared->change_and_wake([] {}); }, std::move(txn));
}

void RenderEngine::begin_anew(const Inputs& inputs) {
  Views& views = scenes_[inputs.scene].views;
  views.clear();
  for (const auto& [id, counts] : inputs.counts) {
    views[id] = make_runner(id, RenderTxn(counts.camera_seq, counts.view_epoch + 1));
  }
  count([&] { ++inputs.scene->stats.restarts; });
}

void RenderEngine::apply(Inputs& inputs) {
  const MonotonicTime now = shared_->clock.now();
  DeviceScene& scene = *inputs.scene;
  if (inputs.restart) begin_anew(inputs);
  if (inputs.snapshot) apply_snapshot(inputs, now);
  const Views& views = scenes_[inputs.scene].views;
  for (const auto& [id, intents] : inputs.cameras) {
    const auto view = views.find(id);
    if (view == views.end()) continue;
    view->second->apply(intents, now);
    count([&] { scene.stats.camera_intents += intents.size(); });
  }
  for (const auto& [id, flag] : inputs.flags) {
    const auto view = views.find(id);
    if (view == views.end()) continue;
    view->second->set_active(flag.active, flag.activations, now);
    view->second->set_busy(flag.busy);
    view->second->set_fps_limit(flag.fps_limit);
  }
}

void RenderEngine::tick(const ScenePtr& scene, ViewRunner& view) {
  try {
    const Step step(*this);
    const MonotonicTime start = shared_->clock.now();
    view.plan(start);
    report(*scene, view);
    view.load(start);
    if (auto obstacle = view.take_obstacle()) call(*scene, &WorkerCallbacks::on_failure, std::move(*obstacle));
    const double elapsed = milliseconds(shared_->clock.now() - start);
    count([&] { scene->stats.last_assemble_ms = elapsed; });
  } catch (const std::exception& error) {
    fail(scene, &view, fmt::format("assembling a picture failed: {}", error.what()), true);
  }
}

void RenderEngine::render(const Due& due) {
  DeviceScene& scene = *due.scene;
  try {
    const Step step(*this);
    Watched renderer(*this);
    Result<RenderedFrame> frame = due.view->render(renderer, pictures_, shared_->clock, scene.has_news);
    if (!frame && frame.error().code == ErrorCode::Cancelled) return count([&] { ++scene.stats.cancelled; });
    if (!frame) return fail(due.scene, due.view, frame.error().message, false);
    const double elapsed = milliseconds(frame->render_end - frame->render_start);
    count([&] {
      ++scene.stats.frames;
      scene.stats.last_render_ms = elapsed;
    });
    call(scene, &WorkerCallbacks::on_frame, std::move(*frame));
    report(scene, *due.view);
  } catch (const std::exception& error) {
    fail(due.scene, due.view, fmt::format("renderer \"{}\" failed: {}", renderer_->name(), error.what()), true);
  }
}

RenderEngine::Due RenderEngine::due_view(MonotonicTime now) const {
  Due due;
  for (const auto& [scene, own] : scenes_) {
    for (const auto& [id, view] : own.views) {
      const std::optional<MonotonicTime> at = view->next_frame();
      // The one that waits longest goes first, whosever it is.
      if (!at || *at > now || (due.view && due.view->last_frame() <= view->last_frame())) continue;
      due = {scene, view.get()};
    }
  }
  return due;
}

void RenderEngine::wait() {
  const MonotonicTime now = shared_->clock.now();
  std::chrono::nanoseconds sleep = kLongestSleep;
  std::vector<RenderWorker::Stats> sums;
  for (const ScenePtr& scene : present_) {
    RenderWorker::Stats& sum = sums.emplace_back();
    for (const auto& [id, view] : scenes_[scene].views) {
      for (const auto& at : {view->next_frame(), view->next_work()}) {
        if (at) sleep = std::min(sleep, std::chrono::nanoseconds(*at - now));
      }
      sum.resident_bytes += view->bytes();
      sum.chunks_wanted += view->wanted_chunks();
      sum.chunks_visible += view->visible_chunks();
    }
  }
  std::unique_lock lock(shared_->mutex);
  for (std::size_t i = 0; i < present_.size(); ++i) {
    RenderWorker::Stats& stats = present_[i]->stats;
    stats.resident_bytes = sums[i].resident_bytes;
    stats.chunks_wanted = sums[i].chunks_wanted;
    stats.chunks_visible = sums[i].chunks_visible;
  }
  if (sleep > std::chrono::nanoseconds::zero()) {
    shared_->ready.wait_for(lock, sleep, [this] { return shared_->woken || shared_->stopping || abandoned_; });
  }
}

void RenderEngine::run() {
  set_thread_name("render-cpu");
  try {
    while (std::optional<std::vector<Inputs>> all = take_inputs()) {
      for (Inputs& inputs : *all) {
        try {
          apply(inputs);
        } catch (const std::exception& error) {
          fail(inputs.scene, nullptr, fmt::format("applying a snapshot failed: {}", error.what()), false);
        }
        for (const auto& [id, view] : scenes_[inputs.scene].views) tick(inputs.scene, *view);
      }
      if (const Due due = due_view(shared_->clock.now()); due.view) {
        render(due);
      } else {
        wait();
      }
    }
  } catch (const Abandoned&) {
    // Another engine draws these scenes now.
  }
  scenes_.clear();
}

}  // namespace ndcast::render
