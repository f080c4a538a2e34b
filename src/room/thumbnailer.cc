#include "room/thumbnailer.h"

#include <utility>

#include "base/digest.h"
#include "base/log.h"
#include "render/stills/png.h"

namespace ndcast::room {

struct Thumbnailer::Work {
  scene::SnapshotPtr snapshot;
  std::shared_ptr<const render::Images> images;
  scene::LayerId layer;
  Result<protocol::ThumbnailNotice> made = fail(ErrorCode::Internal, "not made yet");

  Result<protocol::ThumbnailNotice> make(image::ChunkLoader& loader) const {
    // The CPU's whatever draws the views: a picture of this size is not worth a device's time.
    ND_ASSIGN(const auto renderer, render::make_renderer("cpu"));
    ND_ASSIGN(const render::Picture picture,
              render::render_thumbnail(*snapshot, scene::kMainView, layer, *images, loader, *renderer));
    ND_ASSIGN(const std::vector<std::byte> png, render::encode_png(picture));
    return protocol::ThumbnailNotice{.layer_id = layer.value,
                                     .server_seq = static_cast<std::int64_t>(snapshot->server_seq),
                                     .width = picture.width,
                                     .height = picture.height,
                                     .png = base64_encode(png)};
  }
};

Thumbnailer::Thumbnailer(std::shared_ptr<Background> thread, std::shared_ptr<image::ChunkLoader> loader,
                         std::function<void(std::function<void()>)> post,
                         std::function<void(std::optional<protocol::ThumbnailNotice>)> on_done)
    : thread_(std::move(thread)), loader_(std::move(loader)), post_(std::move(post)), on_done_(std::move(on_done)) {}

void Thumbnailer::want(bool wanted) {
  wanted_ = wanted;
  unlooked_ = true;
}

void Thumbnailer::note(scene::SnapshotPtr snapshot, std::shared_ptr<const render::Images> images) {
  snapshot_ = std::move(snapshot);
  images_ = std::move(images);
  unlooked_ = true;
}

std::optional<MonotonicTime> Thumbnailer::run(MonotonicTime now) {
  if (!wanted_ || working_ || !unlooked_ || !snapshot_) return std::nullopt;
  const scene::ViewState* const view = snapshot_->find_view(scene::kMainView);
  if (!view) return std::nullopt;
  std::erase_if(made_, [&](const auto& entry) { return !snapshot_->find_layer(entry.first); });
  std::optional<MonotonicTime> earliest;
  for (const auto& layer : snapshot_->layers) {
    render::ThumbnailSubject subject = render::thumbnail_subject(*snapshot_, *view, layer);
    const auto last = made_.find(layer->id);
    if (last != made_.end() && last->second.subject == subject) continue;
    const MonotonicTime due = last == made_.end() ? now : last->second.at + kInterval;
    if (due > now) {
      earliest = earliest ? std::min(*earliest, due) : due;
      continue;
    }
    auto work = std::make_shared<Work>(Work{.snapshot = snapshot_, .images = images_, .layer = layer->id});
    working_ = thread_->post(
        [work, loader = loader_, done = [post = post_, this, work] { post([this, work] { finish(work); }); }] {
          work->made = work->make(*loader);
          done();
        });
    // Too much is waiting on that thread: later will do.
    if (!working_) return now + kInterval;
    made_.insert_or_assign(layer->id, Made{std::move(subject), now});
    return std::nullopt;
  }
  if (!earliest) unlooked_ = false;
  return earliest;
}

void Thumbnailer::finish(const std::shared_ptr<Work>& work) {
  working_ = false;
  if (work->made) return on_done_(std::move(*work->made));
  log().debug("no thumbnail of {}: {}", work->layer.value, work->made.error().message);
  on_done_(std::nullopt);
}

}  // namespace ndcast::room
