#include "render/engine/render_worker.h"

#include <utility>

#include "render/engine/render_device_state.h"

namespace ndcast::render {

RenderWorker::RenderWorker(std::shared_ptr<RenderDevice> device, WorkerCallbacks callbacks)
    : device_(std::move(device)), scene_(std::make_shared<DeviceScene>(std::move(callbacks))) {
  device_->state_->add(scene_);
}

RenderWorker::RenderWorker(std::unique_ptr<Renderer> renderer, std::shared_ptr<image::ChunkLoader> loader,
                           const Clock& clock, WorkerCallbacks callbacks)
    : RenderWorker(std::make_shared<RenderDevice>(std::move(renderer), std::move(loader), clock),
                   std::move(callbacks)) {}

RenderWorker::~RenderWorker() { stop(); }

void RenderWorker::stop() {
  if (!std::exchange(stopped_, true)) device_->state_->remove(scene_);
}

void RenderWorker::publish(scene::SnapshotPtr snapshot, ImagesPtr images, MonotonicTime intent_time) {
  if (!snapshot) return;
  scene_->has_news = true;
  device_->state_->change_and_wake([&] {
    DeviceScene& scene = *scene_;
    if (scene.newest && scene.newest->history_id == snapshot->history_id &&
        snapshot->server_seq < scene.newest->server_seq) {
      return;
    }
    scene.newest = snapshot;
    scene.next_snapshot = std::move(snapshot);
    scene.next_images = std::move(images);
    const bool older = scene.next_intent_time == MonotonicTime{} || intent_time < scene.next_intent_time;
    if (intent_time != MonotonicTime{} && older) scene.next_intent_time = intent_time;
  });
}

void RenderWorker::push_camera(const scene::ViewId& view, scene::CameraIntent intent, MonotonicTime intent_time) {
  scene_->has_news = true;
  device_->state_->change_and_wake([&] {
    CameraQueue& queue = scene_->cameras[view];
    const std::uint64_t folds = queue.folds();
    queue.push(std::move(intent), intent_time);
    scene_->stats.camera_folds += queue.folds() - folds;
  });
}

void RenderWorker::restart() {
  device_->state_->change_and_wake([&] { scene_->begin_anew(); });
}

void RenderWorker::set_view_active(const scene::ViewId& view, bool has_viewers) {
  device_->state_->change_and_wake([&] {
    DeviceScene::ViewFlags& flags = scene_->flags[view];
    flags.active = has_viewers;
    flags.activations += has_viewers ? 1 : 0;
  });
}

void RenderWorker::set_encoder_busy(const scene::ViewId& view, bool busy) {
  device_->state_->change_and_wake([&] { scene_->flags[view].busy = busy; });
}

void RenderWorker::set_fps_limit(const scene::ViewId& view, double fps) {
  device_->state_->change_and_wake([&] { scene_->flags[view].fps_limit = fps; });
}

RenderWorker::Stats RenderWorker::stats() const {
  const std::lock_guard lock(device_->state_->mutex);
  return scene_->stats;
}

}  // namespace ndcast::render
