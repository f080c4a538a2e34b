#include "bench/out_of_core/endless_volume.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <fstream>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <blosc.h>
#include <fmt/format.h>

#include "base/thread_pool.h"
#include "bench/camera_noise.h"
#include "tests/ten_terabytes.h"

namespace ndcast::bench {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kChunk = 64;
/// The balls repeat after so many voxels of the finest level.
constexpr std::int64_t kPeriod = 256;
constexpr std::int64_t kCoarsestSide = 128;
constexpr int kBalls = 260;
constexpr const char* kDone = ".written";

/// kPeriod³ expected values of the finest level, or those of a coarser one, by C order.
struct Texture {
  std::int64_t side;
  std::vector<float> values;

  float at(std::int64_t z, std::int64_t y, std::int64_t x) const {
    return values[static_cast<std::size_t>(((z % side) * side + y % side) * side + x % side)];
  }
};

Texture balls() {
  Texture texture{kPeriod, std::vector<float>(static_cast<std::size_t>(kPeriod * kPeriod * kPeriod), 100.0F)};
  std::mt19937 random(7);
  const auto between = [&](double low, double high) { return low + (high - low) * (random() / 4294967296.0); };
  for (int ball = 0; ball < kBalls; ++ball) {
    const std::array<double, 3> center = {between(0, kPeriod), between(0, kPeriod), between(0, kPeriod)};
    const double radius = between(3, 12);
    const double peak = between(400, 3000);
    const auto reach = static_cast<std::int64_t>(radius * 2) + 1;
    for (std::int64_t z = -reach; z <= reach; ++z) {
      for (std::int64_t y = -reach; y <= reach; ++y) {
        for (std::int64_t x = -reach; x <= reach; ++x) {
          const auto voxel = [&](std::size_t i, std::int64_t offset) {
            return (static_cast<std::int64_t>(center[i]) + offset + kPeriod) % kPeriod;
          };
          float& value =
              texture.values[static_cast<std::size_t>((voxel(0, z) * kPeriod + voxel(1, y)) * kPeriod + voxel(2, x))];
          const auto squares = static_cast<double>(z * z + y * y + x * x);
          value = std::max(value, static_cast<float>(100 + peak * std::exp(-squares / (radius * radius))));
        }
      }
    }
  }
  return texture;
}

Texture halved(const Texture& fine) {
  Texture coarse{fine.side / 2, {}};
  coarse.values.reserve(fine.values.size() / 8);
  for (std::int64_t z = 0; z < fine.side; z += 2) {
    for (std::int64_t y = 0; y < fine.side; y += 2) {
      for (std::int64_t x = 0; x < fine.side; x += 2) {
        float sum = 0;
        for (std::int64_t i = 0; i < 8; ++i) sum += fine.at(z + (i >> 2), y + (i >> 1 & 1), x + (i & 1));
        coarse.values.push_back(sum / 8);
      }
    }
  }
  return coarse;
}

struct Level {
  Texture texture;
  std::int64_t side;
  float noise;  ///< of the finest level's: means of voxels have less
};

std::vector<Level> levels_of(std::int64_t side) {
  std::vector<Level> levels;
  levels.push_back({balls(), side, 1.2F});
  while (levels.back().side / 2 >= kCoarsestSide) {
    const Level& fine = levels.back();
    Level coarse{halved(fine.texture), fine.side / 2, fine.noise / std::sqrt(8.0F)};
    levels.push_back(std::move(coarse));
  }
  return levels;
}

std::vector<std::byte> encoded_chunk(const Level& level, std::array<std::int64_t, 3> chunk,
                                     const std::vector<float>& noise) {
  std::vector<std::uint16_t> voxels;
  voxels.reserve(static_cast<std::size_t>(kChunk * kChunk * kChunk));
  std::mt19937_64 place(static_cast<std::uint64_t>((chunk[0] * 4096 + chunk[1]) * 4096 + chunk[2]));
  for (std::int64_t z = 0; z < kChunk; ++z) {
    for (std::int64_t y = 0; y < kChunk; ++y) {
      const std::size_t from = place() % (noise.size() - static_cast<std::size_t>(kChunk));
      for (std::int64_t x = 0; x < kChunk; ++x) {
        const float value = level.texture.at(chunk[0] * kChunk + z, chunk[1] * kChunk + y, chunk[2] * kChunk + x);
        const float seen = value + level.noise * std::sqrt(value) * noise[from + static_cast<std::size_t>(x)];
        voxels.push_back(static_cast<std::uint16_t>(std::max(seen, 0.0F)));
      }
    }
  }
  std::vector<std::byte> out(voxels.size() * 2 + BLOSC_MAX_OVERHEAD);
  const int size =
      blosc_compress_ctx(5, BLOSC_SHUFFLE, 2, voxels.size() * 2, voxels.data(), out.data(), out.size(), "lz4", 0, 1);
  if (size <= 0) throw std::runtime_error("blosc does not compress");
  out.resize(static_cast<std::size_t>(size));
  return out;
}

void write_metadata(const fs::path& folder, const std::vector<Level>& levels) {
  std::string datasets;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    testing::write_file(
        folder / std::to_string(i) / ".zarray",
        fmt::format(R"({{"zarr_format":2,"shape":[{0},{0},{0}],"chunks":[{1},{1},{1}],"dtype":"<u2",)"
                    R"("compressor":{{"id":"blosc","cname":"lz4","clevel":5,"shuffle":1,"blocksize":0}},)"
                    R"("fill_value":0,"order":"C","filters":null,"dimension_separator":"/"}})",
                    levels[i].side, kChunk));
    const double step = std::exp2(static_cast<double>(i));
    const double shift = 0.5 * step - 0.5;
    datasets += fmt::format(R"({}{{"path":"{}","coordinateTransformations":[{{"type":"scale","scale":[{},{},{}]}},)"
                            R"({{"type":"translation","translation":[{},{},{}]}}]}})",
                            i == 0 ? "" : ",", i, step, step, step, shift, shift, shift);
  }
  testing::write_file(folder / ".zgroup", R"({"zarr_format":2})");
  testing::write_file(folder / ".zattrs",
                      fmt::format(R"({{"multiscales":[{{"version":"0.4","name":"endless","axes":[)"
                                  R"({{"name":"z","type":"space","unit":"micrometer"}},)"
                                  R"({{"name":"y","type":"space","unit":"micrometer"}},)"
                                  R"({{"name":"x","type":"space","unit":"micrometer"}}],"datasets":[{}]}}]}})",
                                  datasets));
}

void write_level(const fs::path& folder, const Level& level, const std::vector<float>& noise, ThreadPool& pool) {
  const std::int64_t chunks = (level.side + kChunk - 1) / kChunk;
  pool.for_each_index(static_cast<std::size_t>(chunks * chunks), [&](std::size_t row) {
    const auto z = static_cast<std::int64_t>(row) / chunks;
    const auto y = static_cast<std::int64_t>(row) % chunks;
    const fs::path files = folder / std::to_string(z) / std::to_string(y);
    fs::create_directories(files);
    for (std::int64_t x = 0; x < chunks; ++x) {
      const std::vector<std::byte> bytes = encoded_chunk(level, {z, y, x}, noise);
      std::ofstream out(files / std::to_string(x), std::ios::binary);
      out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
      if (!out.flush()) throw std::runtime_error(fmt::format("{} cannot be written", files.string()));
    }
  });
}

}  // namespace

void write_endless(const fs::path& folder, std::int64_t side) {
  if (fs::exists(folder / kDone)) return;
  const std::vector<Level> levels = levels_of(side);
  const std::vector<float>& noise = camera_noise();
  ThreadPool pool("writer", std::max(1U, std::thread::hardware_concurrency()));
  write_metadata(folder, levels);
  for (std::size_t i = 0; i < levels.size(); ++i) {
    write_level(folder / std::to_string(i), levels[i], noise, pool);
  }
  testing::write_file(folder / kDone, "");
}

EndlessVolume measure_endless(const fs::path& folder, std::int64_t side) {
  EndlessVolume volume;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) volume.bytes_on_disk += static_cast<std::int64_t>(entry.file_size());
  }
  double voxels = 0;
  for (std::int64_t of = side; of >= kCoarsestSide; of /= 2) voxels += std::pow(static_cast<double>(of), 3);
  volume.ratio = 2 * voxels / static_cast<double>(volume.bytes_on_disk);
  return volume;
}

}  // namespace ndcast::bench
