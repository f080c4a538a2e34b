// From a slider to the picture: a state.update is sent, and the first frame whose extension shows it arrives; and how
// often pictures come while a 3D view is orbited sixty times a second. One process, the room as it is served, loopback
// sockets, 1280 × 720.
//
//   build/release/bench/latency [--json FILE] [--image URI] [--updates N]

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <stdexcept>
#include <string>

#include "base/log.h"
#include "bench/report.h"
#include "room/loopback_client.h"

namespace ndcast::bench {
namespace {

struct Options {
  std::string json_file;
  std::string image = NDCAST_SOURCE_DIR "/samples/blastocyst.ome.zarr";
  int updates = 300;
};

/// The first updates fill caches.
constexpr int kWarmUp = 10;

struct Samples {
  std::vector<double> total, to_render, render, convert, encode, queue, stages;

  void add(double elapsed_ms, const stream::StageTimes& times) {
    total.push_back(elapsed_ms);
    to_render.push_back(times.intent_to_render_ms);
    render.push_back(times.render_ms);
    convert.push_back(times.convert_ms);
    encode.push_back(times.encode_ms);
    queue.push_back(times.queue_ms);
    stages.push_back(times.intent_to_render_ms + times.render_ms + times.convert_ms + times.encode_ms + times.queue_ms);
  }
};

Samples measure(const Options& options, room::LoopbackRoom& house, room::LoopbackClient& client) {
  const auto axes = house.room->ledger().snapshot()->axes;
  const std::optional<int> z = scene::axis_position(*axes, "z");
  if (!z) throw std::runtime_error(options.image + " has no z axis");
  const std::int64_t planes = axes->axes[static_cast<std::size_t>(*z)].size;

  Samples samples;
  for (int i = 0; i < options.updates; ++i) {
    client.wait("a complete picture", [&] { return client.shown().complete; });
    const MonotonicTime sent = house.clock.now();
    const std::uint64_t version = client.update("dims", "z", "index", (planes / 4 + i) % planes);
    client.wait("a picture of the update", [&] { return client.shown().server_seq >= version; });
    if (i >= kWarmUp) samples.add(milliseconds(client.shown_at() - sent), client.shown().times);
  }
  return samples;
}

/// Of one orbit.
struct Movement {
  std::vector<double> interval_ms;  ///< from picture to picture
  std::vector<double> work_ms;      ///< rendering, converting and encoding one, at least a tick of the frame clock
};

Movement orbit(room::LoopbackRoom& house, room::LoopbackClient& client) {
  constexpr int kUpdates = 300;
  constexpr int kLearning = 60;  ///< the first second: the first picture is of full quality, and tells what it costs
  constexpr auto kUpdateEvery = std::chrono::nanoseconds(1'000'000'000 / 60);
  const std::uint64_t version = client.update("view", "main", "ndisplay", 3);
  client.wait("a complete volume", [&] { return client.shown().complete && client.shown().server_seq >= version; });
  const MonotonicTime begin = house.clock.now();
  for (int i = 0; i < kUpdates; ++i) {
    if (i == kLearning) client.record(true);
    client.update("camera", "main", "orbit", Json::make_object({{"d_az_deg", 0.7}, {"d_el_deg", 0.1}}));
    client.wait("the next update", [&] { return house.clock.now() >= begin + (i + 1) * kUpdateEvery; });
  }
  const double tick_ms = 1e3 / house.room->ledger().snapshot()->settings->fps_target;
  Movement movement;
  const std::vector<room::ReceivedFrame>& frames = client.recorded();
  for (std::size_t i = 1; i < frames.size(); ++i) {
    const stream::StageTimes& times = frames[i].state.times;
    movement.interval_ms.push_back(milliseconds(frames[i].at - frames[i - 1].at));
    movement.work_ms.push_back(std::max<double>(tick_ms, times.render_ms + times.convert_ms + times.encode_ms));
  }
  return movement;
}

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) /
         static_cast<double>(std::max<std::size_t>(1, values.size()));
}

int run(const Options& options) {
  static_cast<void>(set_log_level("warn"));
  room::LoopbackRoom house;
  if (const Result<void> opened = house.open(options.image); !opened) throw std::runtime_error(opened.error().message);
  room::LoopbackClient client(house, "bench");
  client.join();
  const Samples samples = measure(options, house, client);
  const Movement movement = orbit(house, client);
  std::vector<Row> rows = {{"update sent to frame that shows it, p50", percentile(samples.total, 0.5), "ms",
                            "its stages", percentile(samples.stages, 0.5), 1.25},
                           {"update sent to frame that shows it, p95", percentile(samples.total, 0.95), "ms"}};
  const auto add = [&rows](const char* what, const std::vector<double>& values) {
    rows.push_back({fmt::format("{} p50", what), percentile(values, 0.5), "ms"});
    rows.push_back({fmt::format("{} p95", what), percentile(values, 0.95), "ms"});
  };
  add("intent to start of rendering", samples.to_render);
  add("render", samples.render);
  add("convert", samples.convert);
  add("encode", samples.encode);
  add("queue", samples.queue);
  const double interval_ms = mean(movement.interval_ms);
  rows.push_back({"orbit: from picture to picture", interval_ms, "ms", "drawing and encoding one",
                  mean(movement.work_ms), 1 / 0.8});
  rows.push_back({"orbit: from picture to picture, p95", percentile(movement.interval_ms, 0.95), "ms"});
  rows.push_back({"orbit: time from picture to picture", interval_ms, "ms", "30 a second", 1e3 / 30, 1.0});
  return report("latency", rows, options.json_file);
}

}  // namespace
}  // namespace ndcast::bench

int main(int argc, char** argv) {
  ndcast::bench::Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    if (name == "--json") options.json_file = argv[i + 1];
    if (name == "--image") options.image = argv[i + 1];
    if (name == "--updates") options.updates = std::atoi(argv[i + 1]);
  }
  return ndcast::bench::guarded("latency", [&] { return ndcast::bench::run(options); });
}
