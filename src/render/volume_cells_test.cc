#include "render/volume_cells.h"

#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "render/test_frames.h"

namespace ndcast::render {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

double voxel(const VolumeLevel& volume, int x, int y, int z) {
  const std::ptrdiff_t index = (static_cast<std::ptrdiff_t>(z) * volume.size[1] + y) * volume.size[0] + x;
  const auto size = static_cast<std::ptrdiff_t>(image::byte_size(volume.dtype));
  return image::value_as_double(volume.dtype, volume.data + index * size);
}

/// By the definition: voxels 2i − 1 … 2i + 4 that lie in the volume.
std::array<double, 2> bounds_by_definition(const VolumeLevel& volume, const std::array<int, 3>& cell) {
  std::array<double, 2> bounds{kInfinity, -kInfinity};
  const auto inside = [&](int index, std::size_t axis) { return index >= 0 && index < volume.size[axis]; };
  for (int z = 2 * cell[2] - 1; z <= 2 * cell[2] + 4; ++z) {
    for (int y = 2 * cell[1] - 1; y <= 2 * cell[1] + 4; ++y) {
      for (int x = 2 * cell[0] - 1; x <= 2 * cell[0] + 4; ++x) {
        if (!inside(x, 0) || !inside(y, 1) || !inside(z, 2)) continue;
        const double value = voxel(volume, x, y, z);
        bounds[0] = std::min(bounds[0], std::isfinite(value) ? value : -kInfinity);
        bounds[1] = std::max(bounds[1], std::isfinite(value) ? value : -kInfinity);
      }
    }
  }
  return bounds;
}

TEST(VolumeCells, HoldTheBoundsOfTheirVoxelsAndThoseOfTheNext) {
  const unsigned seed = 77;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  using image::DType;
  struct Case {
    std::array<int, 3> size;
    DType dtype;
    std::array<double, 2> range;
  };
  for (const auto& [size, dtype, range] : {Case{{17, 9, 8}, DType::Float32, {-1e6, 1e6}},
                                           {{1, 1, 1}, DType::Float32, {-1e6, 1e6}},
                                           {{8, 16, 25}, DType::Float16, {-1000, 1000}},
                                           {{7, 8, 9}, DType::UInt8, {0, 256}},
                                           {{1, 5, 2}, DType::Int8, {-128, 128}},
                                           {{12, 3, 4}, DType::UInt16, {0, 65536}},
                                           {{33, 2, 6}, DType::Int16, {-32768, 32768}},
                                           {{5, 6, 7}, DType::Int32, {-1e6, 1e6}}}) {
    SCOPED_TRACE(image::to_string(dtype));
    const auto [from, to] = range;
    std::uniform_real_distribution<double> value(from, to);
    const bool has_holes = image::is_floating(dtype);
    const auto volume = test::make_volume(size, dtype, [&](int x, int, int) {
      return has_holes && x % 5 == 4 && random() % 20 == 0 ? std::nan("") : std::floor(value(random));
    });
    test::add_cells(*volume);
    const std::array<int, 3> grid = cell_grid(size);
    ASSERT_EQ(volume->cells.size(), static_cast<std::size_t>(grid[0] * grid[1] * grid[2]));
    for (int k = 0; k < grid[2]; ++k) {
      for (int j = 0; j < grid[1]; ++j) {
        for (int i = 0; i < grid[0]; ++i) {
          const std::ptrdiff_t index = (static_cast<std::ptrdiff_t>(k) * grid[1] + j) * grid[0] + i;
          const auto found = bounds_of_cell(*volume, static_cast<std::size_t>(index));
          const auto expected = bounds_by_definition(*volume, {i, j, k});
          EXPECT_EQ(found[0], expected[0]) << i << " " << j << " " << k;
          EXPECT_EQ(found[1], expected[1]) << i << " " << j << " " << k;
        }
      }
    }
  }
}

TEST(VolumeCells, RoundBoundsOutwardsWhereAFloatIsTooCoarse) {
  // Floats near 1e12 lie 65536 apart.
  const auto volume =
      test::make_volume({2, 1, 1}, image::DType::Int64, [](int x, int, int) { return 1e12 + 1000 + 100 * x; });
  test::add_cells(*volume);
  ASSERT_EQ(volume->cells.size(), 1U);
  EXPECT_LE(static_cast<double>(bounds_of_cell(*volume, 0)[0]), 1e12 + 1000);
  EXPECT_GE(static_cast<double>(bounds_of_cell(*volume, 0)[1]), 1e12 + 1100);
}

TEST(VolumeCells, SayWhenThereIsNothingFinite) {
  const auto volume = test::make_volume({3, 3, 3}, image::DType::Float64, [](int, int, int) { return std::nan(""); });
  test::add_cells(*volume);
  EXPECT_EQ(bounds_of_cell(*volume, 0)[0], -kInfinity);
  EXPECT_EQ(bounds_of_cell(*volume, 0)[1], -kInfinity);
}

TEST(VolumeCells, ByPartsTheyAreTheSame) {
  const auto volume = test::make_volume({9, 7, 30}, image::DType::UInt8,
                                        [](int x, int y, int z) { return (x * 31 + y * 17 + z * 7) % 200; });
  test::add_cells(*volume);
  const auto whole = volume->cells;
  ThreadPool pool("cells", 2);
  const int slabs = cell_grid(volume->size)[2];
  int calls = 0;
  for (int slab = 0; slab < slabs; ++calls) slab = build_cells(*volume, pool, slab, 9 * 7 * 4);
  EXPECT_EQ(calls, (slabs + 1) / 2) << "two slabs at a time";
  EXPECT_EQ(volume->cells, whole);
}

}  // namespace
}  // namespace ndcast::render
