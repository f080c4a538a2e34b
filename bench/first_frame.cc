// From opening an image to seeing it: a sparse one of 10 TB from files whose pages were dropped, and from a server 20
// ms away (nginx behind a proxy that holds every byte for 10 ms each way). Then a slider that is dragged through an
// image on that server at 30 planes a second: the share of planes that are complete before the next one, with and
// without fetching early. One process, the room as it is served, loopback sockets, 1280 × 720, 2D.
//
//   build/release/bench/first_frame [--rounds 5] [--json FILE]

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "base/log.h"
#include "bench/first_frame/delay_proxy.h"
#include "bench/first_frame/file_server.h"
#include "bench/page_cache.h"
#include "bench/report.h"
#include "room/loopback_client.h"
#include "tests/ten_terabytes.h"

namespace ndcast::bench {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

struct Options {
  std::string json_file;
  int rounds = 5;
};

constexpr auto kEachWay = 10ms;
/// A pixel of the picture that is at least this far from black, of 255, shows something.
constexpr int kSeen = 32;

/// Which of the frames show anything, told by ffmpeg.
std::vector<bool> shows_something(const std::vector<room::ReceivedFrame>& frames, const fs::path& scratch) {
  constexpr std::size_t kPixels = std::size_t{64} * 36;
  const std::string film = (scratch / "film.h264").string();
  {
    std::ofstream out(film, std::ios::binary);
    for (const room::ReceivedFrame& frame : frames) {
      // Units come with their length before them; a file has start codes.
      std::string_view units(reinterpret_cast<const char*>(frame.payload.data()), frame.payload.size());
      while (units.size() > 4) {
        std::size_t size = 0;
        for (int i = 0; i < 4; ++i) size = size << 8 | static_cast<unsigned char>(units[static_cast<std::size_t>(i)]);
        out << std::string_view("\0\0\0\1", 4) << units.substr(4, size);
        units.remove_prefix(std::min(units.size(), 4 + size));
      }
    }
  }
  const std::string command =
      "ffmpeg -v error -nostdin -i " + film + " -fps_mode passthrough -vf scale=64:36 -f rawvideo -pix_fmt gray - ";
  FILE* const decoded = ::popen(command.c_str(), "r");
  std::vector<bool> shows;
  std::vector<unsigned char> picture(kPixels);
  while (decoded && std::fread(picture.data(), 1, kPixels, decoded) == kPixels) {
    shows.push_back(*std::ranges::max_element(picture) >= kSeen);
  }
  if (decoded) ::pclose(decoded);
  if (shows.size() != frames.size()) throw std::runtime_error("ffmpeg did not decode what was sent");
  return shows;
}

std::shared_ptr<const image::Remote> make_remote(const std::string& uri) {
  auto remote = image::Remote::make({.allowed = {}, .named = {uri}, .s3 = {}, .http = {}});
  if (!remote) throw std::runtime_error(remote.error().message);
  return *remote;
}

struct Opening {
  std::vector<double> seen_ms, complete_ms, requests, megabytes;
};

void open_once(const std::string& uri, bool is_remote, const fs::path& scratch, Opening& out) {
  const auto remote = is_remote ? make_remote(uri) : nullptr;
  room::LoopbackRoom house({}, {}, nullptr, remote);
  const MonotonicTime begin = house.clock.now();
  if (const Result<void> opened = house.open(uri); !opened) throw std::runtime_error(opened.error().message);
  room::LoopbackClient client(house, "bench");
  client.record(true);
  client.join();
  std::optional<MonotonicTime> seen;
  std::optional<MonotonicTime> complete;
  const std::vector<bool> shows = shows_something(client.recorded(), scratch);
  for (std::size_t i = 0; i < shows.size(); ++i) {
    const room::ReceivedFrame& frame = client.recorded()[i];
    if (!seen && shows[i]) seen = frame.at;
    if (!complete && frame.state.complete) complete = frame.at;
  }
  if (!seen || !complete) throw std::runtime_error(uri + " was never seen");
  out.seen_ms.push_back(milliseconds(*seen - begin));
  out.complete_ms.push_back(milliseconds(*complete - begin));
  if (!remote) return;
  const auto counters = remote->client().counters();
  out.requests.push_back(static_cast<double>(counters.requests));
  out.megabytes.push_back(static_cast<double>(counters.bytes) / 1e6);
}

constexpr int kPlanes = 240;
constexpr int kEdge = 1024;
constexpr int kChunk = 256;

/// Planes of kEdge × kEdge uint8 in chunks of one plane, as microscopes' files are often converted.
void write_planes(const fs::path& root) {
  testing::write_file(root / ".zarray", fmt::format(R"({{"zarr_format":2,"shape":[{0},{1},{1}],"chunks":[1,{2},{2}],)"
                                                    R"("dtype":"|u1","compressor":null,"fill_value":0,"order":"C",)"
                                                    R"("filters":null,"dimension_separator":"/"}})",
                                                    kPlanes, kEdge, kChunk));
  std::string chunk(std::size_t{kChunk} * kChunk, '\0');
  for (int z = 0; z < kPlanes; ++z) {
    for (int y = 0; y < kEdge / kChunk; ++y) {
      for (int x = 0; x < kEdge / kChunk; ++x) {
        for (std::size_t i = 0; i < chunk.size(); ++i) {
          chunk[i] = static_cast<char>((i / 16 + static_cast<std::size_t>(z * 3 + x * 40 + y * 60)) % 251);
        }
        testing::write_file(root / std::to_string(z) / std::to_string(y) / std::to_string(x), chunk);
      }
    }
  }
}

/// The percentage of planes that were not complete before the next was asked for.
double scrub_once(const std::string& uri, bool prefetching) {
  constexpr auto kStep = std::chrono::nanoseconds(1'000'000'000 / 30);
  constexpr int kSteps = 150;
  const auto remote = make_remote(uri);
  room::LoopbackRoom house({}, {}, nullptr, remote);
  house.loader->set_prefetching(prefetching);
  if (const Result<void> opened = house.open(uri); !opened) throw std::runtime_error(opened.error().message);
  room::LoopbackClient client(house, "bench");
  client.join();
  const std::string axis = house.room->snapshot()->axes->axes[0].label;
  int late = 0;
  MonotonicTime next = house.clock.now();
  for (int i = 0; i < kSteps; ++i) {
    next += kStep;
    const std::uint64_t version = client.update("dims", axis, "index", 20 + i);
    bool complete = false;
    while (house.clock.now() < next) {
      house.serve();
      client.pump();
      complete = complete || (client.shown().server_seq >= version && client.shown().complete);
    }
    if (!complete) ++late;
  }
  return 100.0 * late / kSteps;
}

int run(const Options& options) {
  static_cast<void>(set_log_level("error"));
  std::string pattern = (fs::temp_directory_path() / "ndcast-first-frame-XXXXXX").string();
  const fs::path folder = ::mkdtemp(pattern.data());
  fs::create_directories(folder / "data");
  fs::create_directories(folder / "nginx");
  fs::permissions(folder, fs::perms::others_read | fs::perms::others_exec, fs::perm_options::add);
  testing::write_ten_terabytes(folder / "data" / "huge.zarr");
  write_planes(folder / "data" / "planes.zarr");
  Opening files;
  Opening server;
  std::vector<double> late_with;
  std::vector<double> late_without;
  {
    const FileServer origin(folder / "data", folder / "nginx");
    const DelayProxy far(origin.port(), kEachWay);
    const std::string base = fmt::format("http://127.0.0.1:{}", far.port());
    for (int round = 0; round < options.rounds; ++round) {
      drop_page_cache(folder / "data" / "huge.zarr");
      open_once((folder / "data" / "huge.zarr").string(), false, folder, files);
      drop_page_cache(folder / "data" / "huge.zarr");
      open_once(base + "/huge.zarr", true, folder, server);
      late_with.push_back(scrub_once(base + "/planes.zarr", true));
      late_without.push_back(scrub_once(base + "/planes.zarr", false));
    }
  }
  fs::remove_all(folder);
  const auto median = [](const std::vector<double>& values) { return percentile(values, 0.5); };
  return report(
      "first_frame",
      {{"10 TB from files: first picture", median(files.seen_ms), "ms", {}, {}, 1000.0},
       {"10 TB from files: complete", median(files.complete_ms), "ms"},
       {"10 TB, server 20 ms away: first picture", median(server.seen_ms), "ms", {}, {}, 2000.0},
       {"10 TB, server 20 ms away: complete", median(server.complete_ms), "ms"},
       {"10 TB, server 20 ms away: requests", median(server.requests), ""},
       {"10 TB, server 20 ms away: read", median(server.megabytes), "MB"},
       {"30 planes/s, server: late planes", median(late_with), "%", "without fetching early", median(late_without)}},
      options.json_file);
}

}  // namespace
}  // namespace ndcast::bench

int main(int argc, char** argv) {
  ndcast::bench::Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    if (name == "--json") options.json_file = argv[i + 1];
    if (name == "--rounds") options.rounds = std::atoi(argv[i + 1]);
  }
  return ndcast::bench::guarded("first_frame", [&] { return ndcast::bench::run(options); });
}
