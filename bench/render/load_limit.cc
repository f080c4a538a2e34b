#include "bench/render/load_limit.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <ctime>
#include <vector>

#include "render/camera_math.h"
#include "render/volume_rays.h"

namespace ndcast::bench {
namespace {

constexpr std::size_t kRays = 16;
constexpr int kWays = 20'000;

double thread_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

/// The sum of what is loaded on one way through the volume, so that no load can be left out.
std::uint64_t load_way(const std::uint8_t* voxels, const std::array<std::ptrdiff_t, kRays>& rays,
                       const std::array<std::ptrdiff_t, 4>& corners, std::ptrdiff_t advance, int steps) {
  std::array<std::uint64_t, 4> sums{};
  for (int step = 0; step < steps; ++step, voxels += advance) {
    for (const std::ptrdiff_t ray : rays) {
      for (std::size_t i = 0; i < corners.size(); ++i) {
        std::uint16_t pair;
        std::memcpy(&pair, voxels + ray + corners[i], sizeof pair);
        sums[i] += pair;
      }
    }
  }
  return sums[0] + sums[1] + sums[2] + sums[3];
}

}  // namespace

std::int64_t samples_of(const render::FrameInput& frame) {
  const render::VolumeLevel& volume = *frame.layers.front().volumes.front();
  const render::RayCamera camera(frame.volume, frame.width, frame.height);
  std::int64_t samples = 0;
  for (int row = 0; row < frame.height; ++row) {
    for (int column = 0; column < frame.width; ++column) {
      const render::Ray ray = camera.ray_at({column + 0.5, row + 0.5});
      const render::RayInterval way = interval_in(ray, volume, {});
      if (way.empty()) continue;
      const render::RaySamples of_ray = samples_in(way, ray, volume, frame.sample_step);
      samples += of_ray.steps + (of_ray.rest > 0 ? 1 : 0);
    }
  }
  return samples;
}

double load_ns(const render::VolumeLevel& volume, ThreadPool& pool, std::size_t threads) {
  const auto* const voxels = reinterpret_cast<const std::uint8_t*>(volume.data);
  const std::ptrdiff_t line = volume.size[0];
  const std::ptrdiff_t plane = line * volume.size[1];
  const std::array<std::ptrdiff_t, 4> corners{0, line, plane, plane + line};
  std::array<std::ptrdiff_t, kRays> rays;
  for (std::size_t i = 0; i < kRays; ++i) {
    rays[i] = static_cast<std::ptrdiff_t>(i % 4) + static_cast<std::ptrdiff_t>(i / 4) * line;
  }
  // One voxel along each axis a step, from somewhere on the first plane.
  const int steps = std::min({volume.size[0], volume.size[1], volume.size[2]}) / 2 - 4;
  const std::ptrdiff_t advance = plane + line + 1;
  std::atomic<std::uint64_t> kept{0};
  std::vector<double> ns(threads);
  pool.for_each_index(threads, [&](std::size_t thread) {
    const double before = thread_ns();
    std::uint64_t sum = 0;
    for (int way = 0; way < kWays; ++way) {
      const auto at = static_cast<std::ptrdiff_t>(way);
      const std::ptrdiff_t start = at * 7 % (volume.size[0] / 2) + at * 13 % (volume.size[1] / 2) * line;
      sum += load_way(voxels + start, rays, corners, advance, steps);
    }
    kept += sum;
    ns[thread] = (thread_ns() - before) / (static_cast<double>(kWays) * steps * kRays);
  });
  return *std::ranges::max_element(ns);
}

}  // namespace ndcast::bench
