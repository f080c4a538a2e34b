#include "room/studio.h"

#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "render/stills/movie_file.h"
#include "render/stills/offline.h"
#include "render/stills/png.h"

namespace ndcast::room {
namespace {

namespace fs = std::filesystem;

/// Names are of plain characters (Rooms::is_room_name, BlobShelf), so nothing is to be escaped.
std::string url_of(const Studio& studio, const std::string& id) {
  return fmt::format("api/v1/blob/{}?room={}", id, studio.room);
}

/// A file in the making: the shelf takes it over, or it goes.
class Draft {
 public:
  Draft(const Studio& studio, fs::path file) : studio_(studio), file_(std::move(file)) {}
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;
  ~Draft() {
    std::error_code ignored;
    if (!kept_) fs::remove(file_, ignored);
  }

  const fs::path& file() const { return file_; }
  Result<std::string> keep(std::string content_type, std::string name) {
    auto id = studio_.shelf->keep(file_, {studio_.room, std::move(content_type), std::move(name)});
    kept_ = id.has_value();
    return id;
  }

 private:
  const Studio& studio_;
  const fs::path file_;
  bool kept_ = false;
};

/// A scene too large to be drawn is so at the next try too.
template <class Value>
Result<Value> lasting(Result<Value> result) {
  if (!result && result.error().code == ErrorCode::Limit) result.error().code = ErrorCode::Invalid;
  return result;
}

}  // namespace

Result<Json> make_movie(const Studio& studio, const session::MovieJob& job, JobControl& control) {
  ND_ASSIGN(const auto renderer, render::make_renderer(studio.renderer));
  render::StillMaker maker(*studio.images, *studio.loader, *renderer);
  ND_ASSIGN(fs::path file, studio.shelf->make_place(".mp4"));
  Draft draft(studio, std::move(file));
  ND_ASSIGN(const auto movie, render::open_movie(draft.file(), job.width, job.height, job.fps));
  const auto pictures = static_cast<std::uint64_t>(job.film.pictures);
  for (std::uint64_t number = 0; number < pictures; ++number) {
    if (!control.progress(number, pictures)) return fail(ErrorCode::Cancelled, "cancelled");
    const scene::SceneSnapshot scene = job.film.scene(static_cast<std::int64_t>(number));
    ND_ASSIGN(const render::Picture picture, maker.make(scene, job.view, job.width, job.height));
    ND_TRY(movie->add(picture));
    // The disk is not filled first.
    if (const std::uint64_t most = studio.shelf->limits().bytes_each; movie->bytes() > most) {
      return fail(ErrorCode::Invalid,
                  "{} of {} pictures take {} MiB: expected at most {} MiB; make it smaller or shorter", number + 1,
                  pictures, movie->bytes() >> 20, most >> 20);
    }
  }
  ND_TRY(movie->finish());
  std::error_code error;
  const std::uint64_t bytes = fs::file_size(draft.file(), error);
  const std::string name = job.name + ".mp4";
  ND_ASSIGN(const std::string id, draft.keep("video/mp4", name));
  return Json::make_object({{"url", url_of(studio, id)},
                            {"name", name},
                            {"content_type", "video/mp4"},
                            {"bytes", bytes},
                            {"width", job.width},
                            {"height", job.height},
                            {"pictures", job.film.pictures},
                            {"fps", job.fps},
                            {"server_seq", studio.server_seq}});
}

Result<session::TakenPicture> take_picture(const Studio& studio, const scene::SceneSnapshot& snapshot,
                                           const session::PictureQuery& query) {
  ND_ASSIGN(const auto renderer, render::make_renderer(studio.renderer));
  ND_ASSIGN(const render::Picture picture,
            lasting(render::render_still(snapshot, query.view, *studio.images, *studio.loader, *renderer, query.width,
                                         query.height)));
  ND_ASSIGN(fs::path file, studio.shelf->make_place(".png"));
  Draft draft(studio, std::move(file));
  ND_TRY(lasting(render::write_png(draft.file(), picture)));
  std::error_code error;
  const std::uint64_t bytes = fs::file_size(draft.file(), error);
  ND_ASSIGN(const std::string id, draft.keep("image/png", "ndcast.png"));
  return session::TakenPicture{.url = url_of(studio, id),
                               .width = picture.width,
                               .height = picture.height,
                               .bytes = bytes,
                               .server_seq = studio.server_seq};
}

}  // namespace ndcast::room
