// The part of Room that makes what people take away (WP43) and hands it out.

#include <utility>

#include "base/taking_away_limits.h"
#include "base/thread_pool.h"
#include "room/room.h"
#include "room/studio.h"
#include "room/waits.h"

namespace ndcast::room {

Studio Room::studio() const {
  return {.room = config_.name,
          .images = images_,
          .loader = surroundings_.loader,
          .renderer = config_.renderer,
          .shelf = surroundings_.blobs,
          .server_seq = ledger_.server_seq()};
}

Result<void> Room::start_movie(const std::string& job, session::MovieJob movie) {
  return jobs_->start(job, [studio = studio(), movie = std::move(movie)](JobControl& control) {
    return make_movie(studio, movie, control);
  });
}

void Room::take_picture(session::PictureQuery query, std::function<void(Result<session::TakenPicture>)> done) {
  if (!pictures_) pictures_ = std::make_shared<Background>("pictures", limits::kPicturesWaiting);
  auto finish = posting([done](Room&, const Result<session::TakenPicture>& taken) { done(taken); });
  const bool posted = pictures_->post([studio = studio(), snapshot = ledger_.snapshot(), query = std::move(query),
                                       finish, waits = Waits(surroundings_.clock, limits::kScreenshotTimeout)] {
    if (waits.are_over()) return finish(told_already());
    yield_to_others();
    finish(room::take_picture(studio, *snapshot, query));
  });
  if (!posted) done(fail(ErrorCode::Limit, "too many pictures are being taken; try again in a moment"));
}

void Room::fetch_blob(const std::string& id, std::function<void(Result<FetchedBlob>)> done) {
  std::optional<Blob> blob = surroundings_.blobs->find(id, config_.name);
  if (!blob) {
    return done(fail(ErrorCode::NotFound, "there is no such result in this room; they are kept for an hour"));
  }
  auto finish = posting([done](Room&, const Result<FetchedBlob>& fetched) { done(fetched); });
  const bool posted =
      surroundings_.files.post([blob = *std::move(blob), finish, shelf = surroundings_.blobs]() -> void {
        auto bytes = shelf->read(blob);
        if (!bytes) return finish(std::unexpected(std::move(bytes.error())));
        finish(FetchedBlob{blob.label, *std::move(bytes)});
      });
  if (!posted) done(fail(ErrorCode::Limit, "too much is being read; try again in a moment"));
}

}  // namespace ndcast::room
