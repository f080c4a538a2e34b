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

Result<std::string> keep(const Studio& studio, const fs::path& file, std::string content_type, std::string name) {
  return studio.shelf->keep(file, {studio.room, std::move(content_type), std::move(name)});
}

}  // namespace

Result<Json> make_movie(const Studio& studio, const session::MovieJob& job, JobControl& control) {
  ND_ASSIGN(const auto renderer, render::make_renderer(studio.renderer));
  render::StillMaker maker(*studio.images, *studio.loader, *renderer);
  ND_ASSIGN(const fs::path file, studio.shelf->make_place(".mp4"));
  ND_ASSIGN(const auto movie, render::open_movie(file, job.width, job.height, job.fps));
  const auto pictures = static_cast<std::uint64_t>(job.film.pictures);
  for (std::uint64_t number = 0; number < pictures; ++number) {
    if (!control.progress(number, pictures)) return fail(ErrorCode::Cancelled, "cancelled");
    const scene::SceneSnapshot scene = job.film.scene(static_cast<std::int64_t>(number));
    ND_ASSIGN(const render::Picture picture, maker.make(scene, job.view, job.width, job.height));
    ND_TRY(movie->add(picture));
  }
  ND_TRY(movie->finish());
  std::error_code error;
  const std::uint64_t bytes = fs::file_size(file, error);
  const std::string name = job.name + ".mp4";
  ND_ASSIGN(const std::string id, keep(studio, file, "video/mp4", name));
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
  ND_ASSIGN(const render::Picture picture, render::render_still(snapshot, query.view, *studio.images, *studio.loader,
                                                                *renderer, query.width, query.height));
  ND_ASSIGN(const fs::path file, studio.shelf->make_place(".png"));
  ND_TRY(render::write_png(file, picture));
  std::error_code error;
  const std::uint64_t bytes = fs::file_size(file, error);
  ND_ASSIGN(const std::string id, keep(studio, file, "image/png", "ndcast.png"));
  return session::TakenPicture{.url = url_of(studio, id),
                               .width = picture.width,
                               .height = picture.height,
                               .bytes = bytes,
                               .server_seq = studio.server_seq};
}

}  // namespace ndcast::room
