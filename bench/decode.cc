// Decoding 64 x 64 x 64 chunks of 16 bits with a warm file cache: how near the whole engine, from set_wanted() to the
// chunk in the cache, comes to the codec's own library on buffers in memory, and how other readers of zarr do.
//
//   build/release/bench/decode [--json FILE] [--threads 1,2] [--mib 256] [--rounds 5] [--folder DIR]
//                              [--codecs blosc-lz4,zstd] [--layouts v2,v3,sharded] [--sides bare,ndcast]
//                              [--peers DIR] [--python python3] [--node-modules DIR]
//
// Sides, each in a process of its own; every one decodes all of it and has its voxels summed before anything is timed;
// then rounds in turn, medians. What each includes:
//   bare       the codec alone, from memory to memory of the whole volume (decode/bare.cc)
//   pread      raw rows: reading each chunk's file alone into memory of the whole volume; what the system leaves to
//   reach hot        bare, into one buffer a thread; only when --sides names it ndcast     the server's way: queue,
//   files, decoding, cache (decode/engine.cc) python3-zarr  version 2, Debian's; v2 only: files and decoding into an
//   array that is there GDAL       its multidimensional API; v2 only: the same tensorstore  its Python package, where
//   `python3` has it: the same, without its cache zarrita    npm's, in Node.js; v3 only: getChunk() of each chunk of
//   the first layer; it has no threads
// Where a peer can be used in several ways (decode/peers/*), it tries them all and the fastest is timed.

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <map>
#include <optional>
#include <ranges>
#include <sstream>
#include <stdexcept>

#include <unistd.h>

#include "bench/decode/side.h"
#include "bench/report.h"

namespace ndcast::bench {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string json_file;
  std::vector<std::size_t> threads = {1, 2};
  std::int64_t mib = 256;
  int rounds = 5;
  fs::path folder = fs::temp_directory_path();
  std::vector<std::string> codecs;  ///< empty: all
  std::vector<std::string> layouts = {"v2", "v3", "sharded"};
  std::vector<std::string> sides;  ///< empty: all
  fs::path peers;                  ///< of the scripts
  std::string python = "python3";
  fs::path node_modules;
};

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> out;
  std::istringstream in(list);
  for (std::string word; std::getline(in, word, ',');) out.push_back(word);
  return out;
}

bool holds(const std::vector<std::string>& list, std::string_view name) {
  return list.empty() || std::ranges::find(list, name) != list.end();
}

struct SideKind {
  std::string name;
  std::vector<std::string> command;
  std::vector<std::string> layouts;
  std::int64_t layers = 0;  ///< that a pass decodes; 0: all
};

std::vector<SideKind> side_kinds(const Options& options) {
  const std::string self = fs::read_symlink("/proc/self/exe");
  const auto script = [&](const char* name) { return (options.peers / name).string(); };
  const std::vector<std::string> all = {"v2", "v3", "sharded"};
  return {{"bare", {self, "--side", "bare"}, all},
          {"hot", {self, "--side", "hot"}, all},
          {"pread", {self, "--side", "pread"}, all},
          {"ndcast", {self, "--side", "ndcast"}, all},
          {"python3-zarr", {"/usr/bin/python3", script("zarr_side.py")}, {"v2"}},
          {"GDAL", {"/usr/bin/python3", script("gdal_side.py")}, {"v2"}},
          {"tensorstore", {options.python, script("tensorstore_side.py")}, all},
          {"zarrita", {"node", script("zarrita_side.mjs")}, {"v3", "sharded"}, 1}};
}

/// What one side did in one row.
struct SideResult {
  double ns_per_voxel = 0;            ///< median
  double processor_ns_per_voxel = 0;  ///< of all threads together; median
  std::string way;
};
using Results = std::map<std::string, SideResult>;

/// All sides of one row, rounds in turn. What cannot run here is named once and left out.
Results run_row(const Options& options, const SideTask& row, const VolumeOnDisk& volume,
                std::map<std::string, std::string>& absent) {
  struct Running {
    std::string name;
    std::unique_ptr<SideProcess> process;
    double voxels = 0;
    std::vector<double> seconds;
    std::vector<double> processor_s;
  };
  std::vector<Running> running;
  for (const SideKind& kind : side_kinds(options)) {
    if (kind.name == "hot" && options.sides.empty()) continue;
    if (kind.name == "pread" && row.codec != Codec::Raw) continue;
    if (!holds(options.sides, kind.name) || absent.contains(kind.name) || !holds(kind.layouts, row.layout)) continue;
    SideTask task = row;
    if (kind.layers > 0) task.layers = kind.layers;
    auto process = std::make_unique<SideProcess>(kind.command, task);
    if (!process->absent().empty()) {
      fmt::print("  {}: {}\n", kind.name, process->absent());
      absent[kind.name] = process->absent();
      continue;
    }
    if (kind.name != "hot" && process->check() != volume.checks[static_cast<std::size_t>(task.layers) - 1]) {
      throw std::runtime_error(
          fmt::format("{} reads other voxels from {} {} than were written", kind.name, row.layout, name_of(row.codec)));
    }
    running.push_back({kind.name, std::move(process), static_cast<double>(task.chunks() * kChunkVoxels), {}, {}});
  }
  for (int round = 0; round < options.rounds; ++round) {
    for (Running& side : running) {
      const Pass pass = side.process->pass();
      side.seconds.push_back(pass.seconds);
      side.processor_s.push_back(pass.processor_s);
    }
  }
  Results out;
  for (const Running& side : running) {
    out[side.name] = {percentile(side.seconds, 0.5) * 1e9 / side.voxels,
                      percentile(side.processor_s, 0.5) * 1e9 / side.voxels, side.process->way()};
  }
  return out;
}

void print_results(const std::string& row, const Results& results) {
  for (const auto& [name, result] : results) {
    const double gb_s = 2 / result.ns_per_voxel;
    fmt::print("  {:<28} {:<13} {:>7.2f} GB/s {:>8.0f} chunks/s {}\n", row, name, gb_s, gb_s * 1e9 / kChunkBytes,
               result.way);
  }
}

/// What a row is held to, by peer; ratios of times.
std::optional<double> reach_against(const std::string& peer, const std::string& layout) {
  if (peer == "bare" || peer == "pread") return 1 / 0.9;
  if (peer == "python3-zarr") return 1 / 5.0;
  if (peer == "tensorstore") return layout == "sharded" ? 1 / 1.5 : 1.0;
  return std::nullopt;
}

void add_rows(std::vector<Row>& rows, const std::string& row, const std::string& layout, const Results& results) {
  const auto ndcast = results.find("ndcast");
  if (ndcast == results.end()) return;
  for (const auto& [peer, result] : results) {
    if (peer == "ndcast") continue;
    rows.push_back({.what = row,
                    .value = ndcast->second.ns_per_voxel,
                    .unit = "ns/voxel",
                    .peer = peer == "bare"  ? "bare codec"
                            : peer == "hot" ? "bare codec, hot"
                                            : peer,
                    .peer_value = result.ns_per_voxel,
                    .reach = reach_against(peer, layout)});
    rows.push_back({.what = "processor time, " + row,
                    .value = ndcast->second.processor_ns_per_voxel,
                    .unit = "ns/voxel",
                    .peer = rows.back().peer,
                    .peer_value = result.processor_ns_per_voxel,
                    .reach = {},
                    .printed = peer == "bare" || peer == "pread"});
  }
}

/// Sharded against unsharded, the engine's own.
void add_sharding_row(std::vector<Row>& rows, const std::string& what, const Results& sharded, const Results& plain) {
  const auto a = sharded.find("ndcast");
  const auto b = plain.find("ndcast");
  if (a == sharded.end() || b == plain.end()) return;
  rows.push_back({.what = what,
                  .value = a->second.ns_per_voxel,
                  .unit = "ns/voxel",
                  .peer = "unsharded",
                  .peer_value = b->second.ns_per_voxel,
                  .reach = 1 / 0.85});
}

void run_codec(const Options& options, Codec codec, std::vector<Row>& rows,
               std::map<std::string, std::string>& absent) {
  const fs::path folder = options.folder / fmt::format("ndcast-bench-decode-{}", ::getpid());
  fs::remove_all(folder);
  // 32 MiB a layer; whole shards.
  const std::int64_t layers = std::max<std::int64_t>(1, options.mib / (32 * kShardLayers)) * kShardLayers;
  const VolumeOnDisk volume = write_volume(folder, codec, layers);
  fmt::print("{}: {} chunks, ratio {:.2f}\n", name_of(codec), layers * kLayerChunks, volume.ratio);
  for (const std::size_t threads : options.threads) {
    std::map<std::string, Results> by_layout;
    for (const std::string& layout : options.layouts) {
      const std::string row =
          fmt::format("{} {}, {} thread{}", layout, name_of(codec), threads, threads == 1 ? "" : "s");
      by_layout[layout] = run_row(options, {folder, layout, codec, threads, layers}, volume, absent);
      print_results(row, by_layout[layout]);
      add_rows(rows, row, layout, by_layout[layout]);
      std::fflush(stdout);
    }
    if (by_layout.contains("sharded") && by_layout.contains("v3")) {
      add_sharding_row(rows, fmt::format("sharded {}, {} thread{}", name_of(codec), threads, threads == 1 ? "" : "s"),
                       by_layout["sharded"], by_layout["v3"]);
    }
  }
  fs::remove_all(folder);
}

int run(const Options& options) {
  if (!options.node_modules.empty()) ::setenv("NDCAST_NODE_MODULES", options.node_modules.c_str(), 1);
  ::setenv("PYTHONDONTWRITEBYTECODE", "1", 1);  // nothing is left beside the scripts
  std::vector<Row> rows;
  std::map<std::string, std::string> absent;
  for (const Codec codec : kCodecs) {
    if (holds(options.codecs, name_of(codec))) run_codec(options, codec, rows, absent);
  }
  return report("decode", rows, options.json_file);
}

/// argv: --side NAME FOLDER LAYOUT CODEC THREADS LAYERS
int serve(char** argv) {
  SideTask task{.folder = argv[3], .layout = argv[4], .threads = std::stoul(argv[6]), .layers = std::stol(argv[7])};
  task.codec = *std::ranges::find(kCodecs, std::string_view(argv[5]), name_of);
  const std::string_view name = argv[2];
  const auto side = name == "bare"    ? make_bare(task, Bare::Codec)
                    : name == "hot"   ? make_bare(task, Bare::Hot)
                    : name == "pread" ? make_bare(task, Bare::Read)
                                      : make_engine(task);
  serve_side(*side);
  return 0;
}

/// Where the scripts are: beside the program when it was carried here, else in the source tree.
fs::path default_peers() {
  const fs::path beside = fs::read_symlink("/proc/self/exe").parent_path() / "decode_peers";
  return fs::exists(beside) ? beside : fs::path(NDCAST_SOURCE_DIR "/bench/decode/peers");
}

Options parse(int argc, char** argv) {
  Options options;
  options.peers = default_peers();
  options.node_modules = NDCAST_SOURCE_DIR "/web/node_modules";
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    const std::string value = argv[i + 1];
    if (name == "--json") options.json_file = value;
    if (name == "--mib") options.mib = std::stol(value);
    if (name == "--rounds") options.rounds = std::stoi(value);
    if (name == "--folder") options.folder = value;
    if (name == "--codecs") options.codecs = split(value);
    if (name == "--layouts") options.layouts = split(value);
    if (name == "--sides") options.sides = split(value);
    if (name == "--peers") options.peers = value;
    if (name == "--python") options.python = value;
    if (name == "--node-modules") options.node_modules = value;
    if (name == "--threads") {
      options.threads.clear();
      for (const std::string& count : split(value)) options.threads.push_back(std::stoul(count));
    }
  }
  return options;
}

}  // namespace
}  // namespace ndcast::bench

int main(int argc, char** argv) {
  try {
    if (argc == 8 && std::string_view(argv[1]) == "--side") return ndcast::bench::serve(argv);
    return ndcast::bench::run(ndcast::bench::parse(argc, argv));
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench/decode: {}\n", error.what());
    return 1;
  }
}
