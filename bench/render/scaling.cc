#include "bench/render/scaling.h"

#include <chrono>
#include <map>
#include <stdexcept>

namespace ndcast::bench {
namespace {

/// The shortest of a few: others on the machine only make it longer.
double frame_ms(render::Renderer& renderer, const render::FrameInput& frame) {
  using Clock = std::chrono::steady_clock;
  render::Picture picture;
  double best = 0;
  for (int i = 0; i < 5; ++i) {
    const auto begin = Clock::now();
    if (const auto drawn = renderer.render(frame, picture); !drawn) throw std::runtime_error(drawn.error().message);
    const double ms = std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
    best = i == 0 ? ms : std::min(best, ms);
  }
  return best;
}

}  // namespace

std::vector<Row> scaling_rows(std::span<const NamedFrame> frames, std::span<const int> threads, int rounds) {
  std::map<std::pair<std::size_t, int>, std::vector<double>> times;
  for (int round = 0; round < rounds; ++round) {
    for (const int count : threads) {
      auto renderer = render::make_renderer("cpu", static_cast<std::size_t>(count));
      if (!renderer) throw std::runtime_error(renderer.error().message);
      for (std::size_t i = 0; i < frames.size(); ++i)
        times[{i, count}].push_back(frame_ms(**renderer, frames[i].frame));
    }
  }
  std::vector<Row> rows;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const double first = percentile(times[{i, threads.front()}], 0.5);
    for (const int count : threads) {
      rows.push_back({.what = fmt::format("{}, threads: {}", frames[i].name, count),
                      .value = percentile(times[{i, count}], 0.5),
                      .unit = "ms",
                      .peer = "an even share",
                      .peer_value = first * threads.front() / count});
    }
  }
  return rows;
}

}  // namespace ndcast::bench
