#include "server/render_options.h"

#include <charconv>

#include <CLI/CLI.hpp>

#include "base/limits.h"
#include "render/stills/movie_file.h"

namespace ndcast::server {
namespace {

/// "z=12,t=3" → {z: 12, t: 3}; CLI11 has already split at the commas.
std::string parse_index(const std::vector<std::string>& items, std::map<std::string, std::int64_t>& index) {
  for (const std::string& item : items) {
    const std::size_t equals = item.find('=');
    std::int64_t value = 0;
    const char* const end = item.data() + item.size();
    const char* const begin = equals == std::string::npos ? end : item.data() + equals + 1;
    const auto [stop, error] = std::from_chars(begin, end, value);
    if (equals == 0 || begin == end || error != std::errc() || stop != end) {
      return "--index " + item + ": expected AXIS=NUMBER, for example z=12";
    }
    index[item.substr(0, equals)] = value;
  }
  return {};
}

/// "1280x720" → both numbers.
std::string parse_size(const std::string& text, RenderOptions& options) {
  const std::size_t cross = text.find('x');
  const char* const end = text.data() + text.size();
  if (cross != std::string::npos) {
    const auto width = std::from_chars(text.data(), text.data() + cross, options.width);
    const auto height = std::from_chars(text.data() + cross + 1, end, options.height);
    const bool clean =
        width.ec == std::errc() && width.ptr == text.data() + cross && height.ec == std::errc() && height.ptr == end;
    if (clean && options.width > 0 && options.height > 0 &&
        std::int64_t{options.width} * options.height <= limits::kStillPixels) {
      return {};
    }
  }
  return "--size " + text + ": expected WIDTHxHEIGHT in pixels, for example 1920x1080";
}

std::string check_movie(const RenderOptions& options) {
  const MovieOptions& movie = options.movie;
  if (!movie.is_movie()) {
    if (!render::movie_format(options.out)) return {};
    return "--out " + options.out.string() + ": a movie needs --turntable or --along; a still is a .png";
  }
  if (movie.turntable > 0 && !movie.along.empty()) return "--turntable and --along: expected one of them";
  if (movie.turntable > 0 && options.ndisplay == 2) return "--turntable turns a volume: expected --ndisplay 3";
  if (movie.along.empty() && (movie.first || movie.last || movie.every != 1)) {
    return "--from, --to and --every belong to --along";
  }
  if (render::movie_format(options.out)) return {};
  return "--out " + options.out.string() + ": expected a movie, .mp4 or .webm, or a row of pictures, for example " +
         "frame-%04d.png";
}

}  // namespace

CLI::App* add_render(CLI::App& app, RenderOptions& options, RenderTexts& texts) {
  CLI::App* render = app.add_subcommand("render", "make a still picture or a movie");
  render->add_option("uri", options.uri,
                     "an OME-Zarr or zarr folder, zip archive, http(s):// or s3:// address; with --scene, takes the "
                     "place of the scene's own");
  render
      ->add_option("--out", options.out,
                   "PNG file to write; a movie is an .mp4 (H.264) or .webm (VP9), made with the ffmpeg program, or a "
                   "row of pictures: frame-%04d.png")
      ->required();
  render->add_option("--size", texts.size, "WIDTHxHEIGHT in pixels; by default 1280x720, or the scene's canvas");
  render->add_option("--index", texts.index, "positions of sliders: z=12,t=3")->delimiter(',');
  render->add_option("--ndisplay", options.ndisplay, "2 for a slice, 3 for a volume")->check(CLI::IsMember({2, 3}));
  render->add_option("--scene", options.scene_file, "scene file, as GET /api/v1/scene returns it");
  render->add_option("--turntable", options.movie.turntable, "a movie of one turn of the volume, in so many pictures")
      ->check(CLI::Range(2, 100'000));
  render->add_option("--along", options.movie.along, "a movie along an axis: t, z, …");
  render->add_option("--from", options.movie.first, "first position of --along")->check(CLI::NonNegativeNumber);
  render->add_option("--to", options.movie.last, "last position of --along")->check(CLI::NonNegativeNumber);
  render->add_option("--every", options.movie.every, "positions of --along from picture to picture")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1'000'000}))
      ->capture_default_str();
  render->add_option("--fps", options.movie.fps, "pictures of a movie a second")
      ->check(CLI::Range(0.1, 240.0))
      ->capture_default_str();
  render->add_option("--renderer", options.renderer, "cpu or reference")->capture_default_str();
  render->add_flag("--quiet", options.quiet, "no progress");
  add_buckets(*render, options.buckets);
  return render;
}

std::string finish_render(const RenderTexts& texts, RenderOptions& options) {
  std::string problem = parse_index(texts.index, options.index);
  if (problem.empty() && !texts.size.empty()) problem = parse_size(texts.size, options);
  if (problem.empty()) problem = check_movie(options);
  if (problem.empty() && options.uri.empty() && options.scene_file.empty()) {
    problem = "render: name an image or a --scene";
  }
  if (options.movie.turntable > 0) options.ndisplay = 3;
  return problem;
}

}  // namespace ndcast::server
