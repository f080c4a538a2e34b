#include "bench/render/volumes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <random>
#include <stdexcept>
#include <vector>

#include "image/image.h"
#include "image/read_region.h"
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

template <class T>
std::shared_ptr<const render::VolumeLevel> volume_of(image::DType dtype, std::vector<T> voxels,
                                                     const std::array<int, 3>& size, ThreadPool& pool) {
  auto data = std::make_shared<const std::vector<T>>(std::move(voxels));
  auto volume = std::make_shared<render::VolumeLevel>();
  volume->dtype = dtype;
  volume->data = reinterpret_cast<const std::byte*>(data->data());
  volume->size = size;
  volume->keep_alive = data;
  render::build_cells(*volume, pool);
  return volume;
}

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
  return volume_of(image::DType::UInt8, std::move(canvas.voxels()), {size, size, size}, pool);
}

std::shared_ptr<const render::VolumeLevel> from_image(const std::string& uri, std::size_t level, std::int64_t channel,
                                                      double high, ThreadPool& pool) {
  const auto image = image::open_image(uri);
  if (!image) throw std::runtime_error(image.error().message);
  const image::ZarrArray& array = *(*image)->levels.at(level).array;
  if (array.ndim() != 4 || array.dtype() != image::DType::UInt16)
    throw std::runtime_error(uri + ": not czyx of uint16");
  std::vector<std::int64_t> shape(array.shape().begin(), array.shape().end());
  shape[0] = 1;
  const auto voxels = image::read_region(array, std::vector<std::int64_t>{channel, 0, 0, 0}, shape);
  if (!voxels) throw std::runtime_error(voxels.error().message);
  std::vector<std::uint8_t> bytes(voxels->size() / 2);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::uint16_t value;
    std::memcpy(&value, voxels->data() + 2 * i, sizeof value);
    bytes[i] = static_cast<std::uint8_t>(std::min(value / high, 1.0) * 255 + 0.5);
  }
  return volume_of(image::DType::UInt8, std::move(bytes),
                   {static_cast<int>(shape[3]), static_cast<int>(shape[2]), static_cast<int>(shape[1])}, pool);
}

std::shared_ptr<const render::VolumeLevel> widened(const render::VolumeLevel& volume, image::DType dtype,
                                                   ThreadPool& pool) {
  const auto* const values = reinterpret_cast<const std::uint8_t*>(volume.data);
  const auto* const end = values + std::int64_t{volume.size[0]} * volume.size[1] * volume.size[2];
  if (dtype == image::DType::UInt16)
    return volume_of(dtype, std::vector<std::uint16_t>(values, end), volume.size, pool);
  if (dtype == image::DType::Float32) return volume_of(dtype, std::vector<float>(values, end), volume.size, pool);
  throw std::runtime_error("widened: uint16 and float32 only");
}

double visible_share(const render::VolumeLevel& volume) {
  const std::int64_t voxels = std::int64_t{volume.size[0]} * volume.size[1] * volume.size[2];
  const auto* const values = reinterpret_cast<const std::uint8_t*>(volume.data);
  const auto seen = std::count_if(values, values + voxels, [](std::uint8_t value) { return value > kVisible; });
  return static_cast<double>(seen) / static_cast<double>(voxels);
}

}  // namespace ndcast::bench
