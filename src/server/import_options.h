#pragma once
// The command line of `ndcast import`, as options.h has those of the other commands.

#include <filesystem>
#include <string>
#include <vector>

#include "convert/import.h"
#include "convert/open_source.h"

namespace CLI {
class App;
}

namespace ndcast::server {

struct ImportCommandOptions {
  std::vector<std::string> sources;
  std::filesystem::path destination;
  convert::SourceOptions source;
  convert::ImportOptions import;
  bool quiet = false;
};

/// As typed, before finish_import() made sense of it.
struct ImportTexts {
  std::vector<std::string> paths;  ///< sources, then the destination
  std::vector<std::int64_t> shape;
  std::string dtype;
  std::string byte_order = "little";
  std::uint64_t skip_bytes = 0;
  std::string order = "file";
  std::string format = "0.5";
  std::string method = "auto";
  bool no_levels = false;
  bool no_shards = false;
  std::uint64_t memory_bytes = limits::kImportMemory;
};

/// Adds the subcommand.
CLI::App* add_import(CLI::App& app, ImportCommandOptions& options, ImportTexts& texts);
/// What is wrong with what was typed; "" when nothing.
std::string finish_import(const ImportTexts& texts, ImportCommandOptions& options);

}  // namespace ndcast::server
