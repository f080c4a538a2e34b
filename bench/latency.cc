// From a slider to the picture: a state.update is sent, and the first frame whose extension shows it arrives. One
// process, the room as it is served, loopback sockets, 1280 × 720, 2D.
//
//   build/release/bench/latency [--json FILE] [--image URI] [--updates N]

#include <cstdlib>
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

Samples measure(const Options& options) {
  room::LoopbackRoom house;
  if (const Result<void> opened = house.open(options.image); !opened) throw std::runtime_error(opened.error().message);
  room::LoopbackClient client(house, "bench");
  client.join();
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

int run(const Options& options) {
  static_cast<void>(set_log_level("warn"));
  const Samples samples = measure(options);
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
