// The part of Room that has work done beside its views: jobs and thumbnails.

#include <utility>

#include "image/stats.h"
#include "plan/layer_axes.h"
#include "room/room.h"

namespace ndcast::room {
namespace {

Json json_of(const image::Scalar& scalar) {
  return std::visit([](auto value) { return Json(value); }, scalar);
}

Json stats_json(const image::ArrayStats& stats, std::uint64_t server_seq) {
  Json out = Json::make_object({{"nan_count", stats.nan_count}, {"server_seq", server_seq}});
  if (stats.min) out.set("min", json_of(*stats.min));
  if (stats.max) out.set("max", json_of(*stats.max));
  if (stats.mean) out.set("mean", *stats.mean);
  return out;
}

}  // namespace

void Room::make_work() {
  thumbnailer_ =
      std::make_unique<Thumbnailer>(surroundings_.thumbnails, surroundings_.loader,
                                    posting([](Room&, const std::function<void()>& function) { function(); }),
                                    [this](std::optional<protocol::ThumbnailNotice> thumbnail) {
                                      if (thumbnail) hub_->on_thumbnail(std::move(*thumbnail));
                                      settle();
                                    });
  jobs_ = std::make_unique<JobRunner>(JobRunner::Callbacks{
      .on_progress = posting([](Room& self, const std::string& job, const session::JobProgress& progress) {
        self.hub_->on_job_progress(job, progress);
        self.settle();
      }),
      .on_end = posting([](Room& self, const std::string& job, session::JobEnd end) {
        self.jobs_->forget(job);
        self.hub_->on_job_ended(job, std::move(end));
        self.settle();
      })});
}

void Room::end_work() {
  // A job sees that it is cancelled at its next chunk; the control thread does not wait for it.
  surroundings_.files.post([jobs = std::shared_ptr<JobRunner>(std::move(jobs_))]() mutable { jobs.reset(); });
}

void Room::want_thumbnails(bool wanted) {
  thumbnailer_->want(wanted);
  if (wanted) thumbnailer_->note(ledger_.snapshot(), images_);
}

Result<void> Room::start_job(const std::string& job, session::JobRequest request) {
  const auto& wanted = std::get<session::LayerStatsJob>(request);
  const scene::SnapshotPtr snapshot = ledger_.snapshot();
  const scene::LayerBlock* const layer = snapshot->find_layer(wanted.layer);
  const auto image = layer ? images_->find(layer->meta.uri) : images_->end();
  if (image == images_->end() || image->second->levels.empty()) {
    return fail(ErrorCode::NotFound, "the image of layer \"{}\" is not open", wanted.layer.value);
  }
  const plan::LayerAxes axes =
      plan::layer_axes(*image->second, layer->meta.channel, static_cast<int>(snapshot->axes->axes.size()));
  image::StatsRequest stats;
  if (axes.channel_axis) stats.at = image::AxisPosition{*axes.channel_axis, axes.channel};
  return jobs_->start(
      job,
      [image = image->second, stats, server_seq = snapshot->server_seq](JobControl& control) mutable -> Result<Json> {
        stats.on_progress = [&control](std::uint64_t done, std::uint64_t total) {
          return control.progress(done, total);
        };
        ND_ASSIGN(const image::ArrayStats found, compute_stats(*image->levels.front().array, stats));
        return stats_json(found, server_seq);
      });
}

void Room::cancel_job(const std::string& job) { jobs_->cancel(job); }

}  // namespace ndcast::room
