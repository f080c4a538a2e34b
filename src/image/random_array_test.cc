// Random arrays by a writer of its own, read in random regions. NDCAST_ARRAY_SEEDS arrays (500), from NDCAST_ARRAY_SEED
// (1) on.

#include <algorithm>
#include <cstdlib>
#include <functional>

#include "image/array_writer_test_util.h"
#include "image/read_region.h"

namespace ndcast::image::testing {
namespace {

std::uint32_t number_from(const char* name, std::uint32_t otherwise) {
  const char* text = std::getenv(name);
  return text && *text ? static_cast<std::uint32_t>(std::strtoul(text, nullptr, 10)) : otherwise;
}

TEST(RandomArrays, AreReadAsTheyWereWritten) {
  const std::uint32_t first = number_from("NDCAST_ARRAY_SEED", 1);
  const std::uint32_t count = number_from("NDCAST_ARRAY_SEEDS", 500);
  for (std::uint32_t seed = first; seed < first + count; ++seed) {
    std::mt19937 random(seed);
    const WrittenArray written = write_random_array(random);
    SCOPED_TRACE(fmt::format("NDCAST_ARRAY_SEED={} NDCAST_ARRAY_SEEDS=1\n{}", seed, written.document));
    const auto array = open_array(written.store, "");
    ASSERT_TRUE(array) << array.error().message;
    ASSERT_EQ((*array)->dtype(), written.dtype);
    ASSERT_TRUE(std::ranges::equal((*array)->shape(), written.shape));
    ASSERT_TRUE((*array)->warnings().empty()) << (*array)->warnings()[0];
    for (int round = 0; round < 4; ++round) {
      Extents start(written.shape.size(), 0);
      Extents extent = written.shape;
      for (std::size_t axis = 0; round > 0 && axis < start.size(); ++axis) {
        start[axis] = random() % written.shape[axis];
        extent[axis] = random() % (written.shape[axis] - start[axis] + 1);
      }
      const auto region = read_region(**array, start, extent);
      ASSERT_TRUE(region) << region.error().message;
      ASSERT_EQ(*region, written.box(start, extent))
          << fmt::format("[{}] + [{}]", fmt::join(start, ","), fmt::join(extent, ","));
    }
  }
}

/// What is stored may be damaged anywhere: an error or other voxels, never more.
TEST(RandomArrays, DamageIsAnErrorOrOtherVoxels) {
  const std::uint32_t first = number_from("NDCAST_ARRAY_SEED", 1);
  const std::uint32_t count = number_from("NDCAST_ARRAY_SEEDS", 500);
  std::size_t refused = 0;
  for (std::uint32_t seed = first; seed < first + count; ++seed) {
    std::mt19937 random(seed);
    const WrittenArray written = write_random_array(random);
    SCOPED_TRACE(fmt::format("NDCAST_ARRAY_SEED={} NDCAST_ARRAY_SEEDS=1\n{}", seed, written.document));
    std::vector<std::string> keys;
    const std::function<void(const std::string&)> collect = [&](const std::string& folder) {
      const auto entries = written.store->list(folder);
      ASSERT_TRUE(entries);
      for (const StoreEntry& entry : *entries) {
        if (entry.is_directory) {
          collect(join_key(folder, entry.name));
        } else if (entry.name != ".zarray" && entry.name != "zarr.json") {
          keys.push_back(join_key(folder, entry.name));
        }
      }
    };
    collect("");
    if (keys.empty()) continue;
    const std::string key = keys[random() % keys.size()];
    Bytes bytes = **written.store->get(key);
    if (random() % 4 == 0) {
      bytes.resize(random() % (bytes.size() + 1));
    } else if (!bytes.empty()) {
      for (int i = 0; i < 3; ++i) bytes[random() % bytes.size()] = static_cast<std::byte>(random());
    }
    written.store->put(key, std::move(bytes));
    const auto array = opened(written.store);
    const auto region = read_region(*array, Extents(written.shape.size(), 0), written.shape);
    if (region) {
      EXPECT_EQ(region->size(), written.voxels.size());
    } else {
      EXPECT_TRUE(region.error().message.starts_with(key)) << region.error().message;
      ++refused;
    }
  }
  if (count >= 100) {
    EXPECT_GT(refused, count / 4);
  }
}

}  // namespace
}  // namespace ndcast::image::testing
