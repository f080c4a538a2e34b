#include "image/box_stats.h"

#include <array>
#include <cmath>

#include "image/synthetic.h"
#include "image/testing.h"

namespace ndcast::image {
namespace {

using namespace testing;

template <class T>
BoxStats stats_of(const std::vector<T>& values, DType dtype) {
  const auto count = static_cast<std::int64_t>(values.size());
  const auto array = make_array(dtype, {count}, {3}, std::as_bytes(std::span(values)));
  const auto stats = summarise(*array, {.begin = {0}, .end = {count}});
  EXPECT_TRUE(stats) << (stats ? "" : stats.error().message);
  return stats ? *stats : BoxStats{};
}

TEST(BoxStats, MeanDeviationAndSum) {
  // numpy: mean 5.0, std 2.0
  const BoxStats seen = stats_of<std::int16_t>({2, 4, 4, 4, 5, 5, 7, 9}, DType::Int16);
  EXPECT_EQ(seen.mean, 5.0);
  EXPECT_EQ(seen.deviation, 2.0);
  EXPECT_EQ(seen.sum, 40.0);
  EXPECT_EQ(seen.min, 2.0);
  EXPECT_EQ(seen.max, 9.0);
  EXPECT_EQ(seen.voxels, 8U);
  EXPECT_FALSE(seen.sampled);
}

TEST(BoxStats, ASmallSpreadFarFromZeroKeepsItsDigits) {
  const BoxStats seen = stats_of<double>({1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16}, DType::Float64);
  EXPECT_DOUBLE_EQ(seen.mean, 1e9 + 10);
  EXPECT_DOUBLE_EQ(seen.deviation, std::sqrt(22.5));
}

TEST(BoxStats, WhatIsNotFiniteIsCountedAndLeftOut) {
  const BoxStats seen = stats_of<float>({NAN, 1, INFINITY, -3, -INFINITY}, DType::Float32);
  EXPECT_EQ(seen.not_finite, 3U);
  EXPECT_EQ(seen.min, -3.0);
  EXPECT_EQ(seen.max, 1.0);
  EXPECT_EQ(seen.mean, -1.0);
  EXPECT_EQ(seen.deviation, 2.0);
  EXPECT_TRUE(std::isnan(stats_of<float>({NAN}, DType::Float32).mean));
}

TEST(BoxStats, HalvesAreNumbers) { EXPECT_EQ(stats_of<std::uint16_t>({0x3c00, 0xc000}, DType::Float16).mean, -0.5); }

TEST(BoxStats, OnlyTheBoxAcrossItsChunks) {
  const auto voxels = counting<std::uint16_t>(7 * 5 * 9);
  const auto array = make_array(DType::UInt16, {7, 5, 9}, {3, 2, 4}, std::as_bytes(std::span(voxels)));
  double sum = 0;
  double squares = 0;
  for (std::size_t z = 2; z < 5; ++z) {
    for (std::size_t y = 1; y < 5; ++y) {
      for (std::size_t x = 3; x < 9; ++x) {
        sum += voxels[(z * 5 + y) * 9 + x];
        squares += std::pow(voxels[(z * 5 + y) * 9 + x], 2);
      }
    }
  }
  const auto seen = summarise(*array, {.begin = {2, 1, 3}, .end = {5, 5, 9}});
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->voxels, 72U);
  EXPECT_EQ(seen->sum, sum);
  EXPECT_NEAR(seen->deviation, std::sqrt(squares / 72 - (sum / 72) * (sum / 72)), 1e-9);
}

TEST(BoxStats, ChunksThatAreNotStoredCountAsTheirFill) {
  const auto store = std::make_shared<MemoryStore>();
  store->put("zarr.json", V3{.shape = "[6]", .chunks = "[2]", .fill = "7"}.text());
  store->put("c/1", Bytes(2, std::byte{1}));
  const auto seen = summarise(*opened(store), {.begin = {1}, .end = {6}});
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->sum, 23.0);
  EXPECT_DOUBLE_EQ(seen->deviation, std::sqrt(149.0 / 5 - 4.6 * 4.6));
}

TEST(BoxStats, WhatIsTooMuchOrDoesNotDecodeIsSaid) {
  const auto store = std::make_shared<MemoryStore>();
  store->put("zarr.json", V3{.shape = "[6]", .chunks = "[2]"}.text());
  store->put("c/0", Bytes(2, std::byte{4}));
  store->put("c/1", Bytes(1, std::byte{}));
  const auto array = opened(store);
  const auto damaged = summarise(*array, {.begin = {0}, .end = {4}});
  ASSERT_TRUE(damaged);
  EXPECT_TRUE(damaged->sampled);
  EXPECT_EQ(damaged->voxels, 2U);
  EXPECT_EQ(damaged->mean, 4.0);
  EXPECT_EQ(error_of(summarise(*array, {.begin = {2}, .end = {4}})).code, ErrorCode::Corrupt);
  const auto some = summarise(*array, {.begin = {4}, .end = {6}}, {}, 1);
  EXPECT_FALSE(some->sampled) << "one chunk is always read";
  const auto middle = summarise(
      *array, {.begin = {0}, .end = {6}},
      [&](std::span<const std::int64_t> chunk) {
        EXPECT_EQ(chunk[0], 1) << "the middle of three";
        return array->read_chunk(std::vector<std::int64_t>{0});
      },
      2);
  EXPECT_TRUE(middle->sampled);
}

TEST(BoxStats, ChunkBytesAreThoseOfTouchedChunks) {
  const auto voxels = counting<std::uint16_t>(7 * 5 * 9);
  const auto array = make_array(DType::UInt16, {7, 5, 9}, {3, 2, 4}, std::as_bytes(std::span(voxels)));
  EXPECT_EQ(chunk_bytes_of(*array, {.begin = {2, 1, 3}, .end = {4, 2, 4}}), 2 * 48.0);
  EXPECT_EQ(chunk_bytes_of(*array, {.begin = {0, 0, 0}, .end = {7, 5, 9}}), 27 * 48.0);
}

}  // namespace
}  // namespace ndcast::image
