#include "image/stats.h"

#include <cmath>

#include "base/digest.h"
#include "image/synthetic.h"
#include "image/testing.h"

namespace ndcast::image {
namespace {

using namespace testing;

template <class T>
ArrayStats stats_of(const std::vector<T>& values, DType dtype) {
  const auto count = static_cast<std::int64_t>(values.size());
  const auto stats = compute_stats(*make_array(dtype, {count}, {3}, std::as_bytes(std::span(values))));
  EXPECT_TRUE(stats) << (stats ? "" : stats.error().message);
  return stats ? *stats : ArrayStats{};
}

std::string digest_of(std::span<const std::byte> bytes) {
  Sha256 digest;
  digest.update(bytes);
  return digest.hex();
}

TEST(Stats, IntegersAreExact) {
  const ArrayStats big = stats_of<std::uint64_t>({UINT64_MAX, UINT64_MAX - 1, 5, 6}, DType::UInt64);
  EXPECT_EQ(std::get<std::uint64_t>(*big.max), UINT64_MAX);
  EXPECT_EQ(std::get<std::uint64_t>(*big.min), 5U);
  EXPECT_DOUBLE_EQ(*big.mean, 0x1p63 + 2);
  const ArrayStats negative = stats_of<std::int8_t>({-128, 127, 0, -1}, DType::Int8);
  EXPECT_EQ(std::get<std::int64_t>(*negative.min), -128);
  EXPECT_EQ(std::get<std::int64_t>(*negative.max), 127);
  EXPECT_EQ(*negative.mean, -0.5);
}

TEST(Stats, NanIsLeftOutAndCounted) {
  const ArrayStats some = stats_of<float>({NAN, 1, 2, NAN, 6}, DType::Float32);
  EXPECT_EQ(std::get<double>(*some.min), 1);
  EXPECT_EQ(std::get<double>(*some.max), 6);
  EXPECT_EQ(*some.mean, 3);
  EXPECT_EQ(some.nan_count, 2U);
  const ArrayStats none = stats_of<double>({NAN, NAN}, DType::Float64);
  EXPECT_FALSE(none.min);
  EXPECT_FALSE(none.mean);
  EXPECT_EQ(none.nan_count, 2U);
  EXPECT_EQ(*stats_of<double>({INFINITY, 1}, DType::Float64).mean, INFINITY);
}

TEST(Stats, HalvesAndBooleans) {
  const ArrayStats halves = stats_of<std::uint16_t>({0x3c00, 0xc000, 0x7c00}, DType::Float16);
  EXPECT_EQ(std::get<double>(*halves.min), -2);
  EXPECT_EQ(std::get<double>(*halves.max), INFINITY);
  EXPECT_EQ(std::get<std::uint64_t>(*stats_of<std::uint8_t>({0, 1, 1}, DType::Bool).max), 1U);
}

TEST(Stats, EmptyArrayHasTheDigestOfNothing) {
  const auto store = std::make_shared<MemoryStore>();
  store->put("zarr.json", V3{.shape = "[3,0]", .chunks = "[1,1]"}.text());
  const auto stats = compute_stats(*opened(store));
  ASSERT_TRUE(stats);
  EXPECT_FALSE(stats->min);
  EXPECT_EQ(stats->sha256, digest_of({}));
}

TEST(Stats, OrderIsCOrderWhateverTheChunks) {
  const auto voxels = counting<std::uint16_t>(7 * 5 * 9);
  const std::string expected = digest_of(std::as_bytes(std::span(voxels)));
  for (const std::vector<std::int64_t>& chunks :
       {std::vector<std::int64_t>{7, 5, 9}, {1, 1, 1}, {2, 3, 4}, {10, 1, 2}}) {
    const auto array = make_array(DType::UInt16, {7, 5, 9}, chunks, std::as_bytes(std::span(voxels)));
    const auto stats = compute_stats(*array);
    ASSERT_TRUE(stats);
    EXPECT_EQ(stats->sha256, expected) << fmt::format("[{}]", fmt::join(chunks, ","));
    EXPECT_EQ(*stats->mean, 157);
  }
}

TEST(Stats, OnePositionOfAnAxisAlone) {
  const auto voxels = counting<std::uint16_t>(7 * 5 * 9);
  const auto array = make_array(DType::UInt16, {7, 5, 9}, {2, 3, 4}, std::as_bytes(std::span(voxels)));
  for (int axis = 0; axis < 3; ++axis) {
    const std::int64_t position = 2 + axis;
    std::vector<std::uint16_t> expected;
    for (std::size_t i = 0; i < voxels.size(); ++i) {
      const std::array<std::size_t, 3> at{i / 45, i / 9 % 5, i % 9};
      if (at[static_cast<std::size_t>(axis)] == static_cast<std::size_t>(position)) expected.push_back(voxels[i]);
    }
    std::uint64_t last_done = 0;
    std::uint64_t last_total = 0;
    const auto stats =
        compute_stats(*array, {.at = AxisPosition{axis, position}, .on_progress = [&](auto done, auto total) {
                                 EXPECT_GE(done, last_done);
                                 last_done = done;
                                 last_total = total;
                                 return true;
                               }});
    ASSERT_TRUE(stats);
    EXPECT_EQ(stats->sha256, digest_of(std::as_bytes(std::span(expected)))) << "axis " << axis;
    EXPECT_EQ(last_total, expected.size() * 2);
  }
}

TEST(Stats, EndsWhenToldTo) {
  const auto voxels = counting<std::uint16_t>(7 * 5 * 9);
  const auto array = make_array(DType::UInt16, {7, 5, 9}, {2, 3, 4}, std::as_bytes(std::span(voxels)));
  EXPECT_EQ(error_of(compute_stats(*array, {.on_progress = [](auto, auto) { return false; }})).code,
            ErrorCode::Cancelled);
}

// One row along the first axis is 80 MiB, more than is held at once: boxes then run along the second.
TEST(Stats, RowsLargerThanABoxKeepTheOrder) {
  const auto store = std::make_shared<MemoryStore>();
  store->put("zarr.json", V3{.shape = "[2,80,1048576]", .chunks = "[2,7,1048576]", .fill = "5"}.text());
  Bytes chunk(std::size_t{2} * 7 * 1048576, std::byte{1});
  chunk[std::size_t{8} * 1048576] = std::byte{200};  // plane 1, row 1 of the chunk
  store->put("c/0/3/0", chunk);
  const auto stats = compute_stats(*opened(store));
  ASSERT_TRUE(stats) << stats.error().message;
  Sha256 digest;
  for (int plane = 0; plane < 2; ++plane) {
    for (int row = 0; row < 80; ++row) {
      Bytes line(1048576, row >= 21 && row < 28 ? std::byte{1} : std::byte{5});
      if (plane == 1 && row == 22) line[0] = std::byte{200};
      digest.update(line);
    }
  }
  EXPECT_EQ(stats->sha256, digest.hex());
  EXPECT_EQ(std::get<std::uint64_t>(*stats->max), 200U);
}

/// 2^60 voxels are opened and looked at, and no statistics are begun.
TEST(Stats, ADeclaredBombIsRefused) {
  const auto store = std::make_shared<MemoryStore>();
  store->put("zarr.json", V3{.shape = "[1073741824,1073741824]", .chunks = "[64,64]"}.text());
  const auto array = opened(store);
  EXPECT_TRUE((*array->read_chunk(std::vector<std::int64_t>{16'000'000, 16'000'000}))->is_fill);
  const Error error = error_of(compute_stats(*array));
  EXPECT_EQ(error.code, ErrorCode::Limit);
  EXPECT_NE(error.message.find("[1073741824, 1073741824]"), std::string::npos) << error.message;
}

TEST(Stats, DecodeErrorsComeThrough) {
  const auto store = std::make_shared<MemoryStore>();
  store->put("zarr.json", V3{}.text());
  store->put("c/1", Bytes(1, std::byte{}));
  EXPECT_EQ(error_of(compute_stats(*opened(store))).code, ErrorCode::Corrupt);
}

}  // namespace
}  // namespace ndcast::image
