#pragma once
// The command line of `ndcast render`, as options.h has those of the other commands.

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "server/bucket_options.h"

namespace CLI {
class App;
}

namespace ndcast::server {

/// What changes from picture to picture of a movie.
struct MovieOptions {
  int turntable = 0;                  ///< pictures of one turn about the vertical; 0: no turntable
  std::string along;                  ///< the axis whose slider moves; empty: none
  std::optional<std::int64_t> first;  ///< of its positions; absent: 0
  std::optional<std::int64_t> last;   ///< absent: the axis' end
  std::int64_t every = 1;
  double fps = 30;

  bool is_movie() const { return turntable > 0 || !along.empty(); }
};

struct RenderOptions {
  std::string uri;                   ///< empty: the scene file's
  std::filesystem::path scene_file;  ///< empty: none
  std::filesystem::path out;
  int width = 0;  ///< pixels; 0 × 0: the scene's canvas, else 1280 × 720
  int height = 0;
  std::map<std::string, std::int64_t> index;
  std::optional<int> ndisplay;
  std::string renderer = "cpu";
  MovieOptions movie;
  bool quiet = false;
  BucketOptions buckets;
};

/// As typed, before finish_render() made sense of it.
struct RenderTexts {
  std::string size;
  std::vector<std::string> index;
};

/// Adds the subcommand.
CLI::App* add_render(CLI::App& app, RenderOptions& options, RenderTexts& texts);
/// What is wrong with what was typed; "" when nothing.
std::string finish_render(const RenderTexts& texts, RenderOptions& options);

}  // namespace ndcast::server
