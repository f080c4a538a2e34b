#pragma once
// What nd.movie and nd.screenshot ask of a room, and what comes of it (protocol.md WP43).

#include <cstdint>
#include <string>

#include "scene/film.h"

namespace ndcast::session {

/// A movie of what a view shows, as it was when it was asked for.
struct MovieJob {
  scene::Film film;
  scene::ViewId view;
  double fps = 30;
  int width = 0;  ///< pixels, even
  int height = 0;
  std::string name;  ///< of the file, without what says its type
};

struct PictureQuery {
  scene::ViewId view;
  int width = 0;  ///< pixels
  int height = 0;
};

/// A PNG that can be fetched.
struct TakenPicture {
  std::string url;  ///< relative to the page's address
  int width = 0;
  int height = 0;
  std::uint64_t bytes = 0;
  std::uint64_t server_seq = 0;  ///< of the state that it shows
};

}  // namespace ndcast::session
