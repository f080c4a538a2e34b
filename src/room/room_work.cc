// The part of Room that has work done beside its views: jobs and thumbnails.

#include <utility>

#include "base/histogram_limits.h"
#include "image/stats.h"
#include "room/layer_histogram.h"
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
  // A job sees that it is cancelled at its next chunk; neither the control thread waits for it, nor who reads files.
  surroundings_.farewells->post(
      [jobs = std::shared_ptr<JobRunner>(std::move(jobs_)), pictures = std::move(pictures_)]() mutable {
        jobs.reset();
        pictures.reset();
      });
}

void Room::want_thumbnails(bool wanted) {
  thumbnailer_->want(wanted);
  if (wanted) thumbnailer_->note(ledger_.snapshot(), images_);
}

Result<void> Room::start_job(const std::string& job, session::JobRequest request) {
  if (auto* const movie = std::get_if<session::MovieJob>(&request)) return start_movie(job, std::move(*movie));
  auto* const counts = std::get_if<session::LayerHistogramJob>(&request);
  ND_ASSIGN(LayerPlace place, place_of(counts ? counts->query.layer : std::get<session::LayerStatsJob>(request).layer));
  const std::uint64_t server_seq = ledger_.server_seq();
  if (counts) {
    return jobs_->start(
        job,
        [place = std::move(place), query = std::move(counts->query), server_seq](JobControl& control) -> Result<Json> {
          const auto progress = [&control](std::uint64_t done, std::uint64_t total) {
            return control.progress(done, total);
          };
          ND_ASSIGN(session::LayerHistogram seen,
                    count_layer(
                        place, query,
                        {.at_most_bytes = limits::kHistogramRefinedBytes, .loader = nullptr, .on_progress = progress}));
          seen.server_seq = server_seq;
          return to_payload(query, seen);
        });
  }
  image::StatsRequest stats;
  if (place.axes.channel_axis) stats.at = image::AxisPosition{*place.axes.channel_axis, place.axes.channel};
  return jobs_->start(job, [image = place.image, stats, server_seq](JobControl& control) mutable -> Result<Json> {
    stats.on_progress = [&control](std::uint64_t done, std::uint64_t total) { return control.progress(done, total); };
    ND_ASSIGN(const image::ArrayStats found, compute_stats(*image->levels.front().array, stats));
    return stats_json(found, server_seq);
  });
}

void Room::cancel_job(const std::string& job) { jobs_->cancel(job); }

}  // namespace ndcast::room
