// Commands that make something to take away (protocol.md WP43): movies, which are jobs, and pictures of full quality.

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/limits.h"
#include "base/taking_away_limits.h"
#include "session/arguments.h"
#include "session/command_registry.h"
#include "session/job_commands.h"
#include "session/taking_away.h"

namespace ndcast::session {
namespace {

using protocol::CommandCode;

/// A slow turn that loops: six seconds of it.
constexpr std::uint64_t kTurntablePictures = 180;
constexpr double kFps = 30;

struct Size {
  int width = 0;
  int height = 0;
};

Result<int> side_argument(const protocol::CallCommand& call, std::string_view name, int fallback, int most) {
  ND_ASSIGN(const std::uint64_t side, count_argument(call, name, static_cast<std::uint64_t>(fallback)));
  if (side < static_cast<std::uint64_t>(limits::kCanvasMin) || side > static_cast<std::uint64_t>(most)) {
    return fail(ErrorCode::Invalid, "{}: expected {} to {} pixels, found {}", name, limits::kCanvasMin, most, side);
  }
  return static_cast<int>(side);
}

/// By default that of the view's canvas.
Result<Size> read_size(const protocol::CallCommand& call, const scene::Canvas& canvas) {
  Size size;
  ND_ASSIGN(size.width, side_argument(call, "width", canvas.width, limits::kCanvasMaxWidth));
  ND_ASSIGN(size.height, side_argument(call, "height", canvas.height, limits::kCanvasMaxHeight));
  return size;
}

Result<std::optional<std::int64_t>> position_argument(const protocol::CallCommand& call, std::string_view name) {
  const Json* const given = call.kwargs.find(name);
  if (!given || given->is_null()) return std::nullopt;
  ND_ASSIGN(const std::uint64_t position, count_argument(call, name, 0));
  return static_cast<std::int64_t>(std::min(position, limits::kMaxServerSeq));
}

/// Time, where a slider moves it, else the first slider.
std::string usual_axis(const scene::SceneSnapshot& snapshot, const scene::ViewState& view) {
  std::string first;
  for (const int at : view.view->order) {
    const scene::Axis& axis = snapshot.axes->axes[static_cast<std::size_t>(at)];
    const bool is_displayed = std::ranges::find(view.view->displayed, at) != view.view->displayed.end();
    if (is_displayed || axis.size < 2) continue;
    if (axis.role == scene::AxisRole::Time) return axis.label;
    if (first.empty()) first = axis.label;
  }
  return first;
}

Result<scene::Film> read_turntable(const protocol::CallCommand& call, const scene::SceneSnapshot& snapshot,
                                   const scene::ViewId& view) {
  ND_ASSIGN(const std::uint64_t pictures, count_argument(call, "pictures", kTurntablePictures));
  if (pictures < 2 || pictures > static_cast<std::uint64_t>(limits::kMoviePictures)) {
    return fail(ErrorCode::Invalid, "pictures: expected 2 to {}, found {}", limits::kMoviePictures, pictures);
  }
  return scene::turntable(snapshot, view, static_cast<std::int64_t>(pictures));
}

Result<scene::Film> read_way(const protocol::CallCommand& call, const scene::SceneSnapshot& snapshot,
                             const scene::ViewState& view) {
  scene::AxisWay way;
  ND_ASSIGN(way.axis, string_argument(call, "axis", usual_axis(snapshot, view), limits::kNameBytes));
  if (way.axis.empty()) return fail(ErrorCode::Invalid, "along: no axis of this view has a slider");
  ND_ASSIGN(way.first, position_argument(call, "from"));
  ND_ASSIGN(way.last, position_argument(call, "to"));
  ND_ASSIGN(const std::uint64_t every, count_argument(call, "every", 1));
  if (every < 1 || every > limits::kMaxServerSeq) return fail(ErrorCode::Invalid, "every: expected 1 or more");
  way.every = static_cast<std::int64_t>(every);
  ND_ASSIGN(scene::Film film, scene::film_along(snapshot, view.id, way));
  if (film.pictures > limits::kMoviePictures) {
    return fail(ErrorCode::Invalid,
                "a movie of {} pictures: expected at most {}; take a part of the axis, or every n-th", film.pictures,
                limits::kMoviePictures);
  }
  return film;
}

/// Letters, digits and what else a file's name may have everywhere.
std::string file_name(std::string_view text) {
  std::string name;
  for (const char c : text.substr(0, 64)) {
    const bool is_plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    name += is_plain ? c : '_';
  }
  return name.empty() ? "ndcast" : name;
}

Result<MovieJob> read_movie(const CommandContext& context) {
  const protocol::CallCommand& call = context.call;
  const scene::SceneSnapshot& snapshot = *context.hub.services().ledger().snapshot();
  MovieJob job;
  ND_ASSIGN(job.view, view_argument(context, "view"));
  const scene::ViewState* const view = snapshot.find_view(job.view);
  if (!view || snapshot.layers.empty()) return fail(ErrorCode::Invalid, "there is no image to make a movie of");
  ND_ASSIGN(const std::string kind, string_argument(call, "kind", "", limits::kNameBytes));
  if (kind != "turntable" && kind != "along") {
    return fail(ErrorCode::Invalid, "kind: expected turntable or along, found \"{}\"", kind);
  }
  ND_ASSIGN(job.film, kind == "turntable" ? read_turntable(call, snapshot, job.view) : read_way(call, snapshot, *view));
  ND_ASSIGN(job.fps, number_argument(call, "fps", kFps));
  if (job.fps < limits::kMovieFpsMin || job.fps > limits::kMovieFpsMax) {
    return fail(ErrorCode::Invalid, "fps: expected {} to {}, found {}", limits::kMovieFpsMin, limits::kMovieFpsMax,
                job.fps);
  }
  ND_ASSIGN(const Size size, read_size(call, view->view->canvas));
  if (size.width % 2 != 0 || size.height % 2 != 0) {
    return fail(ErrorCode::Invalid, "{}×{} pixels: expected even numbers, which video needs", size.width, size.height);
  }
  job.width = size.width;
  job.height = size.height;
  job.name = fmt::format("{}-{}", file_name(snapshot.source->name), kind);
  return job;
}

Result<PictureQuery> read_picture(const CommandContext& context) {
  const scene::SceneSnapshot& snapshot = *context.hub.services().ledger().snapshot();
  PictureQuery query;
  ND_ASSIGN(query.view, view_argument(context, "view"));
  const scene::ViewState* const view = snapshot.find_view(query.view);
  if (!view || snapshot.layers.empty()) return fail(ErrorCode::Invalid, "there is no image to take a picture of");
  ND_ASSIGN(const Size size, read_size(context.call, view->view->canvas));
  query.width = size.width;
  query.height = size.height;
  return query;
}

}  // namespace

void call_movie(const CommandContext& context) {
  Result<MovieJob> movie = read_movie(context);
  if (!movie) return context.responder.fail({CommandCode::Invalid, movie.error().message, {}});
  Json answer = Json::make_object(
      {{"pictures", movie->film.pictures}, {"fps", movie->fps}, {"width", movie->width}, {"height", movie->height}});
  const auto job = begin_job(context, "movie", *std::move(movie));
  if (!job) return context.responder.fail(job.error());
  answer.set("job", *job);
  context.responder.reply(std::move(answer));
}

void call_screenshot(const CommandContext& context) {
  const Result<PictureQuery> query = read_picture(context);
  if (!query) return context.responder.fail({CommandCode::Invalid, query.error().message, {}});
  context.hub.services().take_picture(*query, [responder = context.responder](const Result<TakenPicture>& taken) {
    if (taken) {
      return responder.reply(Json::make_object({{"url", taken->url},
                                                {"content_type", "image/png"},
                                                {"width", taken->width},
                                                {"height", taken->height},
                                                {"bytes", taken->bytes},
                                                {"server_seq", taken->server_seq}}));
    }
    const bool passes = taken.error().code == ErrorCode::Limit || taken.error().code == ErrorCode::Cancelled;
    responder.fail({passes ? CommandCode::Retryable : CommandCode::Invalid, taken.error().message, {}});
  });
}

}  // namespace ndcast::session
