#pragma once
// Movies and pictures of a scene, made beside its views and put where they can be fetched (protocol.md WP43). Blocks;
// on any thread but the control thread, which is to yield to others (base/thread_pool.h).
//
//   const Studio studio{.room = "main", .images = images, .loader = loader, .renderer = "cpu", .shelf = shelf};
//   ND_ASSIGN(const session::TakenPicture picture, take_picture(studio, *snapshot, {.view = kMainView, …}));

#include <memory>
#include <string>

#include "base/json.h"
#include "image/chunk_loader.h"
#include "render/engine/render_worker.h"
#include "room/blob_shelf.h"
#include "room/job_runner.h"
#include "session/taking_away.h"

namespace ndcast::room {

struct Studio {
  std::string room;
  render::ImagesPtr images;
  std::shared_ptr<image::ChunkLoader> loader;
  std::string renderer;
  std::shared_ptr<BlobShelf> shelf;
  std::uint64_t server_seq = 0;  ///< of what is shown
};

/// {url, name, content_type, bytes, width, height, pictures, fps, server_seq}: H.264 in MP4; counts pictures. Errors:
/// Cancelled, NotFound (no ffmpeg), Invalid (larger than is kept), Limit (no place), Io, those of render::StillMaker.
Result<Json> make_movie(const Studio& studio, const session::MovieJob& job, JobControl& control);

/// Errors: those of BlobShelf::keep() and render::StillMaker, whose Limit, which another try does not pass, is Invalid
/// here.
Result<session::TakenPicture> take_picture(const Studio& studio, const scene::SceneSnapshot& snapshot,
                                           const session::PictureQuery& query);

}  // namespace ndcast::room
