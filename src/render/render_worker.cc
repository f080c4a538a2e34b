#include "render/render_worker.h"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "base/limits.h"
#include "base/thread_pool.h"
#include "render/camera_queue.h"
#include "render/picture_pool.h"
#include "render/view_runner.h"

namespace ndcast::render {
namespace {

/// With nothing due the thread looks up this often anyway; only a lost wake-up would make it matter.
constexpr std::chrono::seconds kLongestSleep{1};

template <class T>
void call(const std::function<void(T)>& callback, T value) {
  if (callback) callback(std::move(value));
}

}  // namespace

/// What other threads put in, behind one mutex, and what the render thread alone owns.
struct RenderWorker::State {
  struct ViewFlags {
    bool active = false;
    bool busy = false;
  };
  /// One tick's share of the inbox.
  struct Inputs {
    scene::SnapshotPtr snapshot;
    ImagesPtr images;
    MonotonicTime intent_time{};
    std::map<scene::ViewId, std::vector<QueuedIntent>> cameras;
    std::map<scene::ViewId, ViewFlags> flags;
  };

  State(std::unique_ptr<Renderer> with_renderer, std::shared_ptr<image::ChunkLoader> with_loader,
        const Clock& with_clock, WorkerCallbacks with_callbacks)
      : renderer(std::move(with_renderer)),
        loader(std::move(with_loader)),
        clock(with_clock),
        callbacks(std::move(with_callbacks)) {}

  void wake() {
    {
      const std::lock_guard lock(mutex);
      woken = true;
    }
    ready.notify_one();
  }

  std::optional<Inputs> take_inputs();
  void run();
  void apply(Inputs& inputs);
  void tick(ViewRunner& view);
  void render(ViewRunner& view);
  ViewRunner* due_view(MonotonicTime now);
  void wait();
  void fail(ViewRunner* view, std::string_view what);
  void report(ViewRunner& view);
  void count(const std::function<void(Stats&)>& change) {
    const std::lock_guard lock(mutex);
    change(stats);
  }

  // Shared.
  std::mutex mutex;
  std::condition_variable ready;
  bool woken = false;
  bool stopping = false;
  scene::SnapshotPtr newest;         ///< published so far
  scene::SnapshotPtr next_snapshot;  ///< not yet taken
  ImagesPtr next_images;
  MonotonicTime next_intent_time{};
  std::map<scene::ViewId, CameraQueue> cameras;
  std::map<scene::ViewId, ViewFlags> flags;
  Stats stats;

  // The render thread's own.
  const std::unique_ptr<Renderer> renderer;
  const std::shared_ptr<image::ChunkLoader> loader;
  const Clock& clock;
  const WorkerCallbacks callbacks;
  ThreadPool pool{"assemble"};
  /// The pipeline's frames, the one being drawn and the one that the encoder retains for keyframes.
  PicturePool pictures{limits::kFramePool + 2};
  scene::SnapshotPtr applied;
  std::map<scene::ViewId, std::unique_ptr<ViewRunner>> views;
  std::thread thread;
};

std::optional<RenderWorker::State::Inputs> RenderWorker::State::take_inputs() {
  const std::lock_guard lock(mutex);
  if (stopping) return std::nullopt;
  woken = false;
  ++stats.ticks;
  Inputs inputs;
  inputs.snapshot = std::exchange(next_snapshot, nullptr);
  inputs.images = next_images;
  inputs.intent_time = std::exchange(next_intent_time, {});
  inputs.flags = flags;
  const scene::SceneSnapshot* scene = inputs.snapshot ? inputs.snapshot.get() : applied.get();
  for (auto& [id, queue] : cameras) {
    // Intents of a view that is not there yet wait for it.
    if (!queue.empty() && scene && scene->find_view(id)) inputs.cameras[id] = queue.take_all();
  }
  return inputs;
}

void RenderWorker::State::fail(ViewRunner* view, std::string_view what) {
  if (view) view->give_up();
  count([](Stats& s) { ++s.failures; });
  call(callbacks.on_failure, std::string(what));
}

void RenderWorker::State::report(ViewRunner& view) {
  if (auto report = view.take_report()) call(callbacks.on_applied, std::move(*report));
}

void RenderWorker::State::apply(Inputs& inputs) {
  const MonotonicTime now = clock.now();
  if (inputs.snapshot) {
    applied = inputs.snapshot;
    std::erase_if(views, [&](const auto& entry) { return applied->find_view(entry.first) == nullptr; });
    for (const auto& [id, state] : applied->views) {
      auto& view = views[id];
      if (!view) view = std::make_unique<ViewRunner>(id, loader, pool, [this] { wake(); });
      view->apply(*applied, state, inputs.images, inputs.intent_time, now);
    }
    count([](Stats& s) { ++s.snapshots; });
  }
  for (const auto& [id, intents] : inputs.cameras) {
    const auto view = views.find(id);
    if (view == views.end()) continue;
    view->second->apply(intents, now);
    count([&](Stats& s) { s.camera_intents += intents.size(); });
  }
  for (const auto& [id, flag] : inputs.flags) {
    const auto view = views.find(id);
    if (view == views.end()) continue;
    view->second->set_active(flag.active);
    view->second->set_busy(flag.busy);
  }
}

void RenderWorker::State::tick(ViewRunner& view) {
  try {
    const MonotonicTime start = clock.now();
    view.plan(start);
    report(view);
    view.load(start);
    if (auto obstacle = view.take_obstacle()) call(callbacks.on_failure, std::move(*obstacle));
    const double elapsed = milliseconds(clock.now() - start);
    count([&](Stats& s) { s.last_assemble_ms = elapsed; });
  } catch (const std::exception& error) {
    fail(&view, fmt::format("assembling a picture failed: {}", error.what()));
  }
}

void RenderWorker::State::render(ViewRunner& view) {
  try {
    Result<RenderedFrame> frame = view.render(*renderer, pictures, clock);
    if (!frame) return fail(&view, frame.error().message);
    const double elapsed = milliseconds(frame->render_end - frame->render_start);
    count([&](Stats& s) {
      ++s.frames;
      s.last_render_ms = elapsed;
    });
    call(callbacks.on_frame, std::move(*frame));
    report(view);
  } catch (const std::exception& error) {
    fail(&view, fmt::format("renderer \"{}\" failed: {}", renderer->name(), error.what()));
  }
}

ViewRunner* RenderWorker::State::due_view(MonotonicTime now) {
  ViewRunner* due = nullptr;
  for (const auto& [id, view] : views) {
    const std::optional<MonotonicTime> at = view->next_frame();
    // The one that waits longest goes first.
    if (at && *at <= now && (!due || view->last_frame() < due->last_frame())) due = view.get();
  }
  return due;
}

void RenderWorker::State::wait() {
  const MonotonicTime now = clock.now();
  std::chrono::nanoseconds sleep = kLongestSleep;
  Stats sums;
  for (const auto& [id, view] : views) {
    for (const auto& at : {view->next_frame(), view->next_work()}) {
      if (at) sleep = std::min(sleep, std::chrono::nanoseconds(*at - now));
    }
    sums.resident_bytes += view->bytes();
    sums.chunks_wanted += view->wanted_chunks();
    sums.chunks_visible += view->visible_chunks();
  }
  std::unique_lock lock(mutex);
  stats.resident_bytes = sums.resident_bytes;
  stats.chunks_wanted = sums.chunks_wanted;
  stats.chunks_visible = sums.chunks_visible;
  if (sleep > std::chrono::nanoseconds::zero()) ready.wait_for(lock, sleep, [this] { return woken || stopping; });
}

void RenderWorker::State::run() {
  set_thread_name("render-cpu");
  while (std::optional<Inputs> inputs = take_inputs()) {
    try {
      apply(*inputs);
    } catch (const std::exception& error) {
      fail(nullptr, fmt::format("applying a snapshot failed: {}", error.what()));
    }
    for (const auto& [id, view] : views) tick(*view);
    if (ViewRunner* due = due_view(clock.now())) {
      render(*due);
    } else {
      wait();
    }
  }
  views.clear();
}

RenderWorker::RenderWorker(std::unique_ptr<Renderer> renderer, std::shared_ptr<image::ChunkLoader> loader,
                           const Clock& clock, WorkerCallbacks callbacks)
    : state_(std::make_unique<State>(std::move(renderer), std::move(loader), clock, std::move(callbacks))) {
  state_->thread = std::thread([state = state_.get()] { state->run(); });
}

RenderWorker::~RenderWorker() { stop(); }

void RenderWorker::stop() {
  if (!state_->thread.joinable()) return;
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->ready.notify_all();
  state_->thread.join();
}

void RenderWorker::publish(scene::SnapshotPtr snapshot, ImagesPtr images, MonotonicTime intent_time) {
  if (!snapshot) return;
  {
    const std::lock_guard lock(state_->mutex);
    State& state = *state_;
    if (state.newest && state.newest->history_id == snapshot->history_id &&
        snapshot->server_seq < state.newest->server_seq) {
      return;
    }
    state.newest = snapshot;
    state.next_snapshot = std::move(snapshot);
    state.next_images = std::move(images);
    const bool older = state.next_intent_time == MonotonicTime{} || intent_time < state.next_intent_time;
    if (intent_time != MonotonicTime{} && older) state.next_intent_time = intent_time;
    state.woken = true;
  }
  state_->ready.notify_one();
}

void RenderWorker::push_camera(const scene::ViewId& view, scene::CameraIntent intent, MonotonicTime intent_time) {
  {
    const std::lock_guard lock(state_->mutex);
    CameraQueue& queue = state_->cameras[view];
    const std::uint64_t folds = queue.folds();
    queue.push(std::move(intent), intent_time);
    state_->stats.camera_folds += queue.folds() - folds;
    state_->woken = true;
  }
  state_->ready.notify_one();
}

void RenderWorker::set_view_active(const scene::ViewId& view, bool has_viewers) {
  {
    const std::lock_guard lock(state_->mutex);
    state_->flags[view].active = has_viewers;
    state_->woken = true;
  }
  state_->ready.notify_one();
}

void RenderWorker::set_encoder_busy(const scene::ViewId& view, bool busy) {
  {
    const std::lock_guard lock(state_->mutex);
    state_->flags[view].busy = busy;
    state_->woken = true;
  }
  state_->ready.notify_one();
}

RenderWorker::Stats RenderWorker::stats() const {
  const std::lock_guard lock(state_->mutex);
  return state_->stats;
}

}  // namespace ndcast::render
