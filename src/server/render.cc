// ndcast render: a picture or a movie, every visible chunk in it.

#include <cstdio>
#include <fstream>
#include <iterator>

#include "render/stills/movie_file.h"
#include "render/stills/offline.h"
#include "render/stills/png.h"
#include "room/still_scene.h"
#include "scene/film.h"
#include "server/commands.h"
#include "server/progress_line.h"
#include "server/remote_access.h"

namespace ndcast::server {
namespace {

using scene::SceneSnapshot;

Result<Json> read_scene_file(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return fail(ErrorCode::NotFound, "cannot read the scene file {}", path.string());
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  Result<Json> json = parse_json(text);
  if (!json) return fail(json.error().code, "{}: {}", path.string(), json.error().message);
  return json;
}

Result<scene::Film> film_of(const SceneSnapshot& start, const MovieOptions& options) {
  auto film = options.turntable > 0
                  ? scene::turntable(start, scene::kMainView, options.turntable)
                  : scene::film_along(
                        start, scene::kMainView,
                        {.axis = options.along, .first = options.first, .last = options.last, .every = options.every});
  // The names of what is wrong are those of the options.
  if (!film) return fail(film.error().code, "--{}", film.error().message);
  return film;
}

Result<void> make_film(const scene::Film& film, const RenderOptions& options, int width, int height,
                       render::StillMaker& maker) {
  ND_ASSIGN(const auto movie, render::open_movie(options.out, width, height, options.movie.fps));
  ProgressPrinter printer(stderr);
  for (std::int64_t number = 0; number < film.pictures; ++number) {
    ND_ASSIGN(const render::Picture picture, maker.make(film.scene(number), scene::kMainView, width, height));
    ND_TRY(movie->add(picture));
    if (options.quiet) continue;
    printer.update([&](double elapsed_s) { return frames_line(number + 1, film.pictures, elapsed_s); });
  }
  printer.finish();
  return movie->finish();
}

Result<void> render(const RenderOptions& options) {
  room::StillRequest request;
  request.uri = options.uri;
  ND_ASSIGN(request.remote, make_remote(options.buckets));
  request.index = options.index;
  request.ndisplay = options.ndisplay;
  if (options.width > 0) request.canvas = {options.width, options.height, 1.0};
  if (!options.scene_file.empty()) {
    ND_ASSIGN(request.scene_file, read_scene_file(options.scene_file));
  }
  image::ChunkLoader loader(std::make_shared<image::ChunkCache>(limits::kChunkCacheBytes), 2);
  ND_ASSIGN(const room::StillScene scene, room::make_still_scene(request, loader));
  ND_ASSIGN(const auto renderer, render::make_renderer(options.renderer));
  const scene::Canvas& canvas = scene.snapshot->find_view(scene::kMainView)->view->canvas;
  const int width = options.width > 0 ? options.width : canvas.width;
  const int height = options.height > 0 ? options.height : canvas.height;
  render::StillMaker maker(scene.images, loader, *renderer);
  if (!options.movie.is_movie()) {
    ND_ASSIGN(const render::Picture picture, maker.make(*scene.snapshot, scene::kMainView, width, height));
    return render::write_png(options.out, picture);
  }
  ND_ASSIGN(const scene::Film film, film_of(*scene.snapshot, options.movie));
  return make_film(film, options, width, height, maker);
}

}  // namespace

int run(const RenderOptions& options) {
  const Result<void> done = render(options);
  if (!done) fmt::print(stderr, "ndcast render: {}\n", done.error().message);
  return done ? 0 : 1;
}

}  // namespace ndcast::server
