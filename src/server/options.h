#pragma once
// The command line, parsed into one value per command. Words and ranges are checked here; what they mean is the
// commands'.

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/limits.h"

namespace ndcast::server {

struct ServeOptions {
  std::vector<std::string> uris;  ///< the first is shown; the folders of all are open to clients
  std::string host = "127.0.0.1";
  std::uint16_t port = 8787;
  std::vector<std::filesystem::path> data_roots;
  std::string room = "main";
  std::string log_level = "info";
  std::string renderer = "cpu";
  std::string encoder = "x264";
  std::size_t cache_mib = 256;
  std::size_t max_connections = limits::kConnections;
  std::size_t max_sessions = limits::kSessionsPerRoom;  ///< of one room
  std::filesystem::path web_root;                       ///< empty: beside the program
  bool no_auth = false;
};

struct InfoOptions {
  std::string uri;
  bool json = false;
  bool stats = false;
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
};

struct SchemaOptions {};

using Command = std::variant<ServeOptions, InfoOptions, RenderOptions, SchemaOptions>;

/// The command, or the exit status after --help, --version or a mistake was answered on the terminal.
std::variant<Command, int> parse_command_line(int argc, char** argv);

}  // namespace ndcast::server
