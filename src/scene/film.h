#pragma once
// The pictures of a movie as scenes: what changes from one to the next, and nothing else. `ndcast render` and nd.movie
// draw them.
//
//   ND_ASSIGN(const Film film, film_along(snapshot, kMainView, {.axis = "t", .every = 2}));
//   for (std::int64_t number = 0; number < film.pictures; ++number) draw(film.scene(number));

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/result.h"
#include "scene/snapshot.h"

namespace ndcast::scene {

struct Film {
  std::int64_t pictures = 0;
  /// Of one of them, from 0. Any thread, as often as wanted.
  std::function<SceneSnapshot(std::int64_t number)> scene;
};

/// One turn about the vertical that begins where the view looks and ends a picture before it is there again, so that it
/// loops. Errors: Invalid (no such view, or it shows no volume).
Result<Film> turntable(const SceneSnapshot& start, const ViewId& view, std::int64_t pictures);

struct AxisWay {
  std::string axis;                   ///< label or number
  std::optional<std::int64_t> first;  ///< of its positions; absent: 0
  std::optional<std::int64_t> last;   ///< absent: the axis' end; below `first` the way is backwards
  std::int64_t every = 1;             ///< positions from picture to picture, at least 1
};

/// The slider of an axis on its way. Errors: Invalid (no such view or axis, one that is displayed, positions that it
/// has not); the messages begin with the name of what is wrong: "along", "from".
Result<Film> film_along(const SceneSnapshot& start, const ViewId& view, const AxisWay& way);

}  // namespace ndcast::scene
