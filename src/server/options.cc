#include "server/options.h"

#include <charconv>

#include <CLI/CLI.hpp>

#include "base/limits.h"
#include "base/version.h"

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

void add_serve(CLI::App& app, ServeOptions& options) {
  CLI::App* serve = app.add_subcommand("serve", "serve an image to browsers");
  serve->add_option("uri", options.uris,
                    "image to show (an OME-Zarr or zarr folder); the folders of further ones are open to clients");
  serve->add_option("--host", options.host, "address to listen on")->capture_default_str();
  serve->add_option("--port", options.port, "port to listen on; 0 takes any free one")->capture_default_str();
  serve->add_option("--data-root", options.data_roots,
                    "folder that clients may browse and open images from; repeatable");
  serve->add_option("--room", options.room, "name of the room")->capture_default_str();
  serve->add_option("--log-level", options.log_level, "trace, debug, info, warn, error or off")->capture_default_str();
  serve->add_option("--renderer", options.renderer, "cpu or reference")->capture_default_str();
  serve->add_option("--encoder", options.encoder, "x264 or null")->capture_default_str();
  serve->add_option("--cache-mib", options.cache_mib, "memory for decoded chunks, MiB")
      ->capture_default_str()
      ->check(CLI::Range(std::size_t{16}, std::size_t{1} << 22));
  serve->add_option("--max-connections", options.max_connections, "sockets open at once, of all kinds")
      ->capture_default_str()
      ->check(CLI::Range(std::size_t{1}, limits::kConnectionsAllowed));
  serve->add_option("--max-sessions", options.max_sessions, "people and agents in one room at once")
      ->capture_default_str()
      ->check(CLI::Range(std::size_t{1}, limits::kConnectionsAllowed));
  serve->add_option("--web-root", options.web_root,
                    "folder of the browser viewer; found beside the program by default");
  serve->add_flag("--no-auth", options.no_auth, "ask for no token; only on a loopback address");
}

void add_info(CLI::App& app, InfoOptions& options) {
  CLI::App* info = app.add_subcommand("info", "say what an image holds");
  info->add_option("uri", options.uri, "an OME-Zarr or zarr folder")->required();
  info->add_flag("--json", options.json, "print JSON");
  info->add_flag("--stats", options.stats, "read every voxel: minimum, maximum, mean, SHA-256");
}

struct RenderTexts {
  std::string size;
  std::vector<std::string> index;
};

CLI::App* add_render(CLI::App& app, RenderOptions& options, RenderTexts& texts) {
  CLI::App* render = app.add_subcommand("render", "make a still picture");
  render->add_option("uri", options.uri,
                     "an OME-Zarr or zarr folder; with --scene, takes the place of the scene's own");
  render->add_option("--out", options.out, "PNG file to write")->required();
  render->add_option("--size", texts.size, "WIDTHxHEIGHT in pixels; by default 1280x720, or the scene's canvas");
  render->add_option("--index", texts.index, "positions of sliders: z=12,t=3")->delimiter(',');
  render->add_option("--ndisplay", options.ndisplay, "2 for a slice, 3 for a volume")->check(CLI::IsMember({2, 3}));
  render->add_option("--scene", options.scene_file, "scene file, as GET /api/v1/scene returns it");
  render->add_option("--renderer", options.renderer, "cpu or reference")->capture_default_str();
  return render;
}

}  // namespace

std::variant<Command, int> parse_command_line(int argc, char** argv) {
  CLI::App app{"ndcast shows n-D images too large to move: the data stays here, pictures go to browsers.", "ndcast"};
  app.set_version_flag("--version", std::string("ndcast ") + kVersion);
  app.require_subcommand(1);
  app.failure_message(CLI::FailureMessage::help);
  ServeOptions serve;
  InfoOptions info;
  RenderOptions render;
  RenderTexts texts;
  add_serve(app, serve);
  add_info(app, info);
  CLI::App* const render_app = add_render(app, render, texts);
  app.add_subcommand("schema", "print the JSON Schema of the wire protocol and of scene files");
  try {
    app.parse(argc, argv);
    std::string problem = parse_index(texts.index, render.index);
    if (problem.empty() && !texts.size.empty()) problem = parse_size(texts.size, render);
    if (problem.empty() && render_app->parsed() && render.uri.empty() && render.scene_file.empty()) {
      problem = "render: name an image or a --scene";
    }
    if (!problem.empty()) throw CLI::ValidationError(problem);
  } catch (const CLI::ParseError& error) {
    return app.exit(error);
  }
  if (app.got_subcommand("serve")) return Command(std::move(serve));
  if (app.got_subcommand("info")) return Command(std::move(info));
  if (app.got_subcommand("render")) return Command(std::move(render));
  return Command(SchemaOptions{});
}

}  // namespace ndcast::server
