// Looking at an image twenty times as large as the memory allowed: minutes of orbits far off and near by in 3D and of a
// slider dragged in 2D, with rests in between. One process, the room as it is served, loopback sockets, 1280 × 720.
//
//   build/release/bench/out_of_core [--minutes 10] [--side 2048] [--folder DIR] [--json FILE]
//
// `--folder` keeps the image there (11 GiB), else it is written to the temporary directory and removed. Its pages are
// dropped before the start. A frame that took over 100 ms counts unless a watchdog thread, which does nothing but
// sleep, overslept by over 20 ms in that time: then the machine was busy with something else.

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>

#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/allocator.h"
#include "base/log.h"
#include "bench/out_of_core/endless_volume.h"
#include "bench/page_cache.h"
#include "bench/report.h"
#include "room/loopback_client.h"

namespace ndcast::bench {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using Milliseconds = std::chrono::duration<double, std::milli>;

struct Options {
  std::string json_file;
  double minutes = 10;
  std::int64_t side = 2048;
  std::string folder;
};

/// Decoded chunks and spare ones (limits::kSpareBlockBytes), what is held for rendering (limits::kVolumeBytes) and all
/// the rest are to stay below this.
constexpr double kBudgetMib = 512;
constexpr std::size_t kCacheBytes = std::size_t{128} << 20;
constexpr double kSlowMs = 100;
constexpr auto kUpdateEvery = std::chrono::nanoseconds(1'000'000'000 / 60);

/// Moments when a thread that only sleeps was kept from the processor.
class Watchdog {
 public:
  Watchdog() : thread_([this](const std::stop_token& stop) { watch(stop); }) {}

  bool overslept_between(MonotonicTime from, MonotonicTime to) {
    const std::lock_guard lock(mutex_);
    return std::ranges::any_of(moments_, [&](const auto& moment) { return moment[0] < to && moment[1] > from; });
  }
  std::size_t count() {
    const std::lock_guard lock(mutex_);
    return moments_.size();
  }

 private:
  void watch(const std::stop_token& stop) {
    constexpr auto kNap = 5ms;
    const SystemClock clock;
    while (!stop.stop_requested()) {
      const MonotonicTime begin = clock.now();
      std::this_thread::sleep_for(kNap);
      const MonotonicTime end = clock.now();
      if (end - begin < kNap + 20ms) continue;
      const std::lock_guard lock(mutex_);
      moments_.push_back({begin, end});
    }
  }

  std::mutex mutex_;
  std::vector<std::array<MonotonicTime, 2>> moments_;
  std::jthread thread_;
};

/// Anonymous resident memory of this process: pages of files are the system's to drop.
double resident_mib() {
  std::ifstream status("/proc/self/status");
  std::string word;
  double kib = 0;
  while (status >> word) {
    if (word == "RssAnon:") status >> kib;
  }
  return kib / 1024;
}

struct Seen {
  std::vector<double> frame_ms;    ///< while moving: since the frame before, or the first update
  std::vector<double> excused_ms;  ///< of those over kSlowMs, when the watchdog overslept
  std::vector<double> sharp_ms;    ///< from the last update to a complete picture that shows it
  std::vector<double> memory_mib;  ///< a sample a quarter of a second
};

/// What a picture must show.
struct Mark {
  std::uint64_t server_seq = 0;
  std::uint64_t camera_seq = 0;
};

class Session {
 public:
  Session(const std::string& uri, Watchdog& watchdog)
      : house_({}, {}, nullptr, nullptr, kCacheBytes), watchdog_(watchdog), client_(open(uri), "bench") {
    client_.join();
  }

  const Seen& seen() const { return seen_; }
  MonotonicTime now() const { return house_.clock.now(); }

  /// Calls update(i) sixty times a second for so long, then waits for full sharpness.
  template <class Update>
  void move(std::chrono::duration<double> length, Update&& update) {
    const MonotonicTime begin = now();
    MonotonicTime frame_at = begin;
    std::uint64_t frames = client_.frames();
    const auto note_frames = [&] {
      if (client_.frames() == frames) return;
      frames = client_.frames();
      note_frame(frame_at, now());
      frame_at = now();
    };
    Mark mark;
    for (int i = 0; now() - begin < length; ++i) {
      mark = update(i);
      client_.wait("the next update", [&] {
        note_frames();
        return now() >= begin + (i + 1) * kUpdateEvery;
      });
      note_memory();
    }
    rest(mark);
    client_.take_state_frames();  // what it heard is not the server's memory
  }

  void rest(const Mark& mark) {
    const MonotonicTime stopped = now();
    client_.wait("full sharpness", [&] {
      note_memory();
      const stream::FrameState& shown = client_.shown();
      return shown.complete && shown.server_seq >= mark.server_seq && shown.camera_seq >= mark.camera_seq;
    });
    seen_.sharp_ms.push_back(Milliseconds(now() - stopped).count());
  }

  Mark set(std::string_view scope, std::string_view target, std::string_view key, const Json& value) {
    return {.server_seq = client_.update(scope, target, key, value)};
  }
  /// The ack of a camera's verb tells its camera_seq.
  Mark camera(std::string_view verb, const Json& value) {
    return {.camera_seq = client_.update("camera", "main", verb, value)};
  }

 private:
  room::LoopbackRoom& open(const std::string& uri) {
    if (const Result<void> opened = house_.open(uri); !opened) throw std::runtime_error(opened.error().message);
    return house_;
  }
  void note_frame(MonotonicTime from, MonotonicTime to) {
    const double ms = Milliseconds(to - from).count();
    const bool excused = ms > kSlowMs && watchdog_.overslept_between(from, to);
    (excused ? seen_.excused_ms : seen_.frame_ms).push_back(ms);
  }
  void note_memory() {
    if (now() - memory_at_ < 250ms) return;
    memory_at_ = now();
    seen_.memory_mib.push_back(resident_mib());
  }

  room::LoopbackRoom house_;
  Watchdog& watchdog_;
  room::LoopbackClient client_;
  Seen seen_;
  MonotonicTime memory_at_{};
};

/// About half a minute.
void look_around(Session& session, int round, std::int64_t side) {
  const auto orbit = [&](int) {
    return session.camera("orbit", Json::make_object({{"d_az_deg", 0.7}, {"d_el_deg", round % 2 == 0 ? 0.1 : -0.1}}));
  };
  const auto dolly = [&](int) {
    return session.camera("zoom",
                          Json::make_object({{"factor", 0.97}, {"anchor_px", Json::make_array({640.0, 360.0})}}));
  };
  const auto pan = [&](int) {
    return session.camera("pan", Json::make_object({{"dx_px", 4.0}, {"dy_px", round % 2 == 0 ? 2.0 : -2.0}}));
  };
  session.rest(session.set("view", "main", "ndisplay", 3));
  session.move(5s, orbit);
  session.move(1.5s, dolly);
  session.move(5s, orbit);
  session.move(2s, pan);
  session.move(1s, dolly);
  session.move(4s, orbit);
  session.rest(session.camera("reset", "fit"));
  session.rest(session.set("view", "main", "ndisplay", 2));
  // A slider moves by a plane every other update, up and down.
  const auto scrub = [&](int i) {
    const std::int64_t plane = (round * 331 + i / 2) % side;
    return session.set("dims", "z", "index", plane);
  };
  session.move(5s, scrub);
  for (int i = 0; i < 3; ++i)
    session.camera("zoom", Json::make_object({{"factor", 0.5}, {"anchor_px", Json::make_array({500.0, 300.0})}}));
  session.move(4s, scrub);
  session.rest(session.camera("reset", "fit"));
}

double mean_of(const std::vector<double>& values, double from, double to) {
  const auto at = [&](double share) {
    return values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size()));
  };
  return std::accumulate(at(from), at(to), 0.0) / std::max<double>(1, static_cast<double>(at(to) - at(from)));
}

/// In a process of its own, whose memory does not count.
EndlessVolume write_image(const fs::path& folder, std::int64_t side) {
  const pid_t writer = ::fork();
  if (writer == 0) {
    try {
      write_endless(folder, side);
      ::_exit(0);
    } catch (const std::exception& error) {
      fmt::print(stderr, "bench/out_of_core: {}\n", error.what());
      ::_exit(1);
    }
  }
  int status = 1;
  if (writer < 0 || ::waitpid(writer, &status, 0) < 0 || status != 0) throw std::runtime_error("no image was written");
  return measure_endless(folder, side);
}

std::vector<Row> rows_of(const Seen& seen, const EndlessVolume& volume, Watchdog& watchdog) {
  const auto slow = static_cast<double>(std::ranges::count_if(seen.frame_ms, [](double ms) { return ms > kSlowMs; }));
  const auto frames = static_cast<double>(seen.frame_ms.size());
  const double early = mean_of(seen.memory_mib, 0.2, 0.5);
  return {{"image on disk", static_cast<double>(volume.bytes_on_disk) / (1 << 30), "GiB"},
          {"its compression ratio", volume.ratio, "x"},
          {"frames while moving", frames, ""},
          {"of them over 100 ms", 100 * slow / frames, "%", "", std::nullopt, 0.1},
          {"left out: over 100 ms while the watchdog overslept", static_cast<double>(seen.excused_ms.size()), ""},
          {"moments when the watchdog overslept", static_cast<double>(watchdog.count()), ""},
          {"frame, p50", percentile(seen.frame_ms, 0.5), "ms"},
          {"frame, p99", percentile(seen.frame_ms, 0.99), "ms"},
          {"frame, longest", percentile(seen.frame_ms, 1), "ms"},
          {"full sharpness after a stop, p50", percentile(seen.sharp_ms, 0.5), "ms"},
          {"full sharpness after a stop, longest", percentile(seen.sharp_ms, 1), "ms", "", std::nullopt, 3000},
          {"memory, highest", percentile(seen.memory_mib, 1), "MiB", "", std::nullopt, kBudgetMib * 1.05},
          {"memory of the last third", mean_of(seen.memory_mib, 0.67, 1), "MiB", "that of an early one", early, 1.05}};
}

int run(const Options& options) {
  give_large_blocks_back();
  static_cast<void>(set_log_level("warn"));
  const fs::path folder =
      options.folder.empty() ? fs::temp_directory_path() / "ndcast-endless.zarr" : fs::path(options.folder);
  fmt::print(stderr, "writing {} …\n", folder.string());
  const EndlessVolume volume = write_image(folder, options.side);
  drop_page_cache(folder);
  std::vector<Row> rows;
  {
    Watchdog watchdog;
    Session session(folder.string(), watchdog);
    const MonotonicTime begin = session.now();
    for (int round = 0; session.now() - begin < std::chrono::duration<double>(60 * options.minutes); ++round) {
      const std::size_t first = session.seen().memory_mib.size();
      look_around(session, round, options.side);
      const std::span<const double> memory = std::span(session.seen().memory_mib).subspan(first);
      const struct ::mallinfo2 in_use = ::mallinfo2();
      fmt::print(stderr, "round {}: {:.0f} MiB in the mean, {:.0f} at most, {:.0f} at its end, {} allocated\n", round,
                 std::accumulate(memory.begin(), memory.end(), 0.0) / static_cast<double>(memory.size()),
                 std::ranges::max(memory), memory.back(), (in_use.uordblks + in_use.hblkhd) >> 20);
    }
    rows = rows_of(session.seen(), volume, watchdog);
  }
  if (options.folder.empty()) fs::remove_all(folder);
  return report("out_of_core", rows, options.json_file);
}

}  // namespace
}  // namespace ndcast::bench

int main(int argc, char** argv) {
  ndcast::bench::Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    if (name == "--json") options.json_file = argv[i + 1];
    if (name == "--minutes") options.minutes = std::atof(argv[i + 1]);
    if (name == "--side") options.side = std::atoll(argv[i + 1]);
    if (name == "--folder") options.folder = argv[i + 1];
  }
  return ndcast::bench::guarded("out_of_core", [&] { return ndcast::bench::run(options); });
}
