// ndcast render: one picture, every visible chunk in it.

#include <cstdio>
#include <fstream>
#include <iterator>

#include "base/thread_pool.h"
#include "render/offline.h"
#include "render/png.h"
#include "room/still_scene.h"
#include "server/commands.h"
#include "server/remote_access.h"

namespace ndcast::server {
namespace {

Result<Json> read_scene_file(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return fail(ErrorCode::NotFound, "cannot read the scene file {}", path.string());
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  Result<Json> json = parse_json(text);
  if (!json) return fail(json.error().code, "{}: {}", path.string(), json.error().message);
  return json;
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
  ND_ASSIGN(const render::Picture picture,
            render::render_still(*scene.snapshot, scene::kMainView, scene.images, loader, *renderer, width, height));
  return render::write_png(options.out, picture);
}

}  // namespace

int run(const RenderOptions& options) {
  const Result<void> done = render(options);
  if (!done) fmt::print(stderr, "ndcast render: {}\n", done.error().message);
  return done ? 0 : 1;
}

}  // namespace ndcast::server
