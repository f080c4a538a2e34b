#include "bench/render/volumes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <vector>

#include "render/volume_cells.h"

namespace ndcast::bench {
namespace {

using Point = std::array<double, 3>;

class Canvas {
 public:
  explicit Canvas(int size)
      : size_(size),
        voxels_(static_cast<std::size_t>(size) * static_cast<std::size_t>(size) * static_cast<std::size_t>(size)) {}

  std::vector<std::uint8_t>& voxels() { return voxels_; }

  /// The larger of what is there and a soft ball.
  void dab(const Point& center, double radius, double peak) {
    const int reach = static_cast<int>(radius * 2) + 1;
    std::array<int, 3> low;
    std::array<int, 3> high;
    for (std::size_t i = 0; i < 3; ++i) {
      low[i] = std::max(0, static_cast<int>(center[i]) - reach);
      high[i] = std::min(size_ - 1, static_cast<int>(center[i]) + reach);
    }
    for (int z = low[2]; z <= high[2]; ++z) {
      for (int y = low[1]; y <= high[1]; ++y) {
        for (int x = low[0]; x <= high[0]; ++x) {
          const double dx = x - center[0];
          const double dy = y - center[1];
          const double dz = z - center[2];
          const double value = peak * std::exp(-(dx * dx + dy * dy + dz * dz) / (radius * radius));
          auto& voxel = voxels_[static_cast<std::size_t>((std::int64_t{z} * size_ + y) * size_ + x)];
          voxel = std::max(voxel, static_cast<std::uint8_t>(value));
        }
      }
    }
  }

 private:
  int size_;
  std::vector<std::uint8_t> voxels_;
};

}  // namespace

std::shared_ptr<const render::VolumeLevel> fibres(int size, double density, ThreadPool& pool) {
  std::mt19937 random(static_cast<unsigned>(size));
  const auto between = [&](double low, double high) { return low + (high - low) * (random() / 4294967296.0); };
  Canvas canvas(size);
  for (auto& voxel : canvas.voxels()) voxel = static_cast<std::uint8_t>(6 + random() % 6);
  // A fibre is as long as the volume and about 20 voxels of it are seen across.
  const int count = static_cast<int>(density * size * size / 20);
  for (int fibre = 0; fibre < count; ++fibre) {
    Point at{between(0, size), between(0, size), between(0, size)};
    Point heading{between(-1, 1), between(-1, 1), between(-1, 1)};
    const double radius = between(1.5, 4);
    const double peak = between(90, 250);
    for (int step = 0; step < size; ++step) {
      const double length = std::hypot(heading[0], heading[1], heading[2]);
      for (std::size_t i = 0; i < 3; ++i) {
        heading[i] = heading[i] / length + between(-0.07, 0.07);
        at[i] += heading[i];
      }
      canvas.dab(at, radius, peak);
    }
  }
  auto data = std::make_shared<const std::vector<std::uint8_t>>(std::move(canvas.voxels()));
  auto volume = std::make_shared<render::VolumeLevel>();
  volume->dtype = image::DType::UInt8;
  volume->data = reinterpret_cast<const std::byte*>(data->data());
  volume->size = {size, size, size};
  volume->keep_alive = data;
  render::build_cells(*volume, pool);
  return volume;
}

double visible_share(const render::VolumeLevel& volume) {
  const std::int64_t voxels = std::int64_t{volume.size[0]} * volume.size[1] * volume.size[2];
  const auto* const values = reinterpret_cast<const std::uint8_t*>(volume.data);
  const auto seen = std::count_if(values, values + voxels, [](std::uint8_t value) { return value > kVisible; });
  return static_cast<double>(seen) / static_cast<double>(voxels);
}

}  // namespace ndcast::bench
