// ndcast render: a picture or a movie, every visible chunk in it.

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <functional>
#include <iterator>

#include "render/stills/offline.h"
#include "render/stills/png.h"
#include "room/still_scene.h"
#include "server/commands.h"
#include "server/movie_file.h"
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

/// The pictures of a movie: how many there are, and the scene of each.
struct Film {
  std::int64_t pictures = 0;
  std::function<SceneSnapshot(std::int64_t number)> scene;
};

/// One turn that begins where the scene looks and ends a picture before it is there again, so that it loops.
Film turntable(const SceneSnapshot& start, int pictures) {
  return {pictures, [start, pictures](std::int64_t number) {
            SceneSnapshot snapshot = start;
            scene::ViewState& view = snapshot.views.at(scene::kMainView);
            auto camera = std::make_shared<scene::CameraBlock>(*view.camera);
            camera->volume.angles[0] += 360.0 * static_cast<double>(number) / pictures;
            view.camera = std::move(camera);
            return snapshot;
          }};
}

Result<Film> film_along(const SceneSnapshot& start, const MovieOptions& options) {
  const std::optional<int> axis = scene::axis_position(*start.axes, options.along);
  if (!axis) return fail(ErrorCode::Invalid, "--along {}: the image has no such axis", options.along);
  const scene::ViewState& view = *start.find_view(scene::kMainView);
  if (std::ranges::find(view.view->displayed, *axis) != view.view->displayed.end()) {
    return fail(ErrorCode::Invalid, "--along {}: this axis is displayed, it has no slider", options.along);
  }
  const auto slot = static_cast<std::size_t>(*axis);
  const std::int64_t end = start.axes->axes[slot].size - 1;
  const std::int64_t first = options.first.value_or(0);
  const std::int64_t last = options.last.value_or(end);
  if (first > end || last > end) {
    return fail(ErrorCode::Invalid, "--from {} --to {}: {} has positions 0 to {}", first, last, options.along, end);
  }
  const std::int64_t step = first <= last ? options.every : -options.every;
  return Film{std::abs(last - first) / options.every + 1, [start, slot, first, step](std::int64_t number) {
                SceneSnapshot snapshot = start;
                scene::ViewState& view = snapshot.views.at(scene::kMainView);
                auto index = std::make_shared<scene::IndexBlock>(*view.index);
                index->value[slot] = first + number * step;
                view.index = std::move(index);
                return snapshot;
              }};
}

Result<void> make_film(const Film& film, const RenderOptions& options, int width, int height,
                       render::StillMaker& maker) {
  ND_ASSIGN(const auto movie, open_movie(options.out, width, height, options.movie.fps));
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
  if (options.movie.turntable > 0) {
    return make_film(turntable(*scene.snapshot, options.movie.turntable), options, width, height, maker);
  }
  ND_ASSIGN(const Film film, film_along(*scene.snapshot, options.movie));
  return make_film(film, options, width, height, maker);
}

}  // namespace

int run(const RenderOptions& options) {
  const Result<void> done = render(options);
  if (!done) fmt::print(stderr, "ndcast render: {}\n", done.error().message);
  return done ? 0 : 1;
}

}  // namespace ndcast::server
