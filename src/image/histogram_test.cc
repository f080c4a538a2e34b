#include "image/histogram.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "image/synthetic.h"
#include "image/testing.h"

namespace ndcast::image {
namespace {

using namespace testing;

template <class T>
Histogram histogram_of(const std::vector<T>& values, DType dtype, std::size_t bins = 256) {
  const auto count = static_cast<std::int64_t>(values.size());
  const auto array = make_array(dtype, {count}, {7}, std::as_bytes(std::span(values)));
  const auto found = count_values(*array, {.box = {{0}, {count}}, .bins = bins});
  EXPECT_TRUE(found) << (found ? "" : found.error().message);
  return found ? *found : Histogram{};
}

std::uint64_t sum(const std::vector<std::uint64_t>& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

TEST(Histogram, BinsOfIntegersHoldAsManyValues) {
  std::vector<std::uint16_t> values;
  for (int i = 0; i < 1000; ++i) values.push_back(static_cast<std::uint16_t>(100 + i));
  const Histogram even = histogram_of(values, DType::UInt16, 256);
  EXPECT_EQ(even.extremes, (std::array{100.0, 1099.0}));
  EXPECT_EQ(even.first, 100);
  EXPECT_EQ(even.width, 4) << "1000 values in at most 256 bins";
  ASSERT_EQ(even.counts.size(), 250U);
  EXPECT_EQ(std::ranges::count(even.counts, 4U), 250) << "no comb";
  const Histogram few = histogram_of<std::int8_t>({-3, -3, 0, 1}, DType::Int8);
  EXPECT_EQ(few.counts, (std::vector<std::uint64_t>{2, 0, 0, 1, 1}));
  EXPECT_EQ(few.first, -3);
  EXPECT_EQ(few.width, 1);
  const Histogram wide = histogram_of<std::int32_t>({-70'000, 70'000}, DType::Int32, 10);
  EXPECT_EQ(wide.counts.size(), 10U);
  EXPECT_EQ(sum(wide.counts), 2U);
}

TEST(Histogram, PercentilesAreThoseOfTheSortedValues) {
  constexpr unsigned kSeed = 7;
  std::mt19937 random(kSeed);
  std::vector<std::uint16_t> values(5001);
  for (auto& value : values) value = static_cast<std::uint16_t>(std::exp(static_cast<double>(random() % 1000) / 100));
  const Histogram seen = histogram_of(values, DType::UInt16);
  std::vector<float> floats(values.begin(), values.end());
  const Histogram wide = histogram_of(floats, DType::Float32);
  std::ranges::sort(values);
  for (const double percent : {0.0, 0.1, 1.0, 25.0, 50.0, 99.0, 99.9, 100.0}) {
    const double expected = values[static_cast<std::size_t>(percent / 100 * 5000)];
    EXPECT_EQ(seen.percentile(percent), expected) << percent << " seed " << kSeed;
    EXPECT_NEAR(wide.percentile(percent), expected, (values.back() - values.front()) / 65'536.0) << percent;
  }
}

TEST(Histogram, WhatIsNotFiniteIsCountedApart) {
  const Histogram some = histogram_of<float>({NAN, 1, INFINITY, 2, -INFINITY, 4}, DType::Float32, 3);
  EXPECT_EQ(some.voxels, 6U);
  EXPECT_EQ(some.not_finite, 3U);
  EXPECT_EQ(some.extremes, (std::array{1.0, 4.0}));
  EXPECT_EQ(some.counts, (std::vector<std::uint64_t>{1, 1, 1}));
  const Histogram none = histogram_of<double>({NAN, NAN}, DType::Float64);
  EXPECT_TRUE(none.counts.empty());
  EXPECT_EQ(none.percentile(50), 0);
  const Histogram huge = histogram_of<double>({-1e308, 0, 1e308}, DType::Float64, 4);
  EXPECT_EQ(huge.counts, (std::vector<std::uint64_t>{1, 0, 1, 1}));
  EXPECT_NEAR(huge.percentile(50), 0, 1e308 / 16'384);
  const Histogram one = histogram_of<float>({2.5, 2.5}, DType::Float32);
  EXPECT_EQ(one.counts, std::vector<std::uint64_t>{2});
  EXPECT_EQ(one.percentile(99), 2.5);
}

TEST(Histogram, ABoxAndItsChunks) {
  const auto voxels = counting<std::uint16_t>(7 * 5 * 9);
  const auto array = make_array(DType::UInt16, {7, 5, 9}, {3, 2, 4}, std::as_bytes(std::span(voxels)));
  std::vector<std::uint16_t> inside;
  for (std::size_t z = 2; z < 5; ++z) {
    for (std::size_t y = 1; y < 5; ++y) {
      for (std::size_t x = 3; x < 9; ++x) inside.push_back(voxels[(z * 5 + y) * 9 + x]);
    }
  }
  const auto box = count_values(*array, {.box = {{2, 1, 3}, {5, 5, 9}}});
  ASSERT_TRUE(box);
  const Histogram same = histogram_of(inside, DType::UInt16);
  EXPECT_EQ(box->fine, same.fine);
  EXPECT_EQ(box->voxels, inside.size());
  EXPECT_FALSE(box->sampled);
}

TEST(Histogram, WhatIsTooMuchIsSampledEvenly) {
  std::vector<std::uint8_t> values(1000);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::uint8_t>(i / 10);
  const auto array = make_array(DType::UInt8, {1000}, {10}, std::as_bytes(std::span(values)));
  const auto sampled = count_values(*array, {.box = {{0}, {1000}}, .at_most_bytes = 100});
  ASSERT_TRUE(sampled);
  EXPECT_TRUE(sampled->sampled);
  EXPECT_EQ(sampled->voxels, 100U);
  EXPECT_LT(sampled->extremes[0], 10);
  EXPECT_GT(sampled->extremes[1], 90);
}

TEST(Histogram, EndsEarlyWhenItIsNoLongerWanted) {
  const std::vector<float> values(100, 1.5F);
  const auto array = make_array(DType::Float32, {100}, {10}, std::as_bytes(std::span(values)));
  std::uint64_t last = 0;
  HistogramRequest request{.box = {{0}, {100}}};
  request.on_progress = [&](std::uint64_t done, std::uint64_t total) {
    EXPECT_EQ(total, 800U) << "two passes";
    last = done;
    return done < 480;
  };
  const auto ended = count_values(*array, request);
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, ErrorCode::Cancelled);
  EXPECT_EQ(last, 480U);
}

}  // namespace
}  // namespace ndcast::image
