#include "convert/downsample.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <functional>
#include <map>
#include <random>

#include <gtest/gtest.h>

namespace ndcast::convert {
namespace {

template <class T>
double as_number(T value) {
  if constexpr (std::is_same_v<T, image::Half>)
    return static_cast<float>(value);
  else
    return static_cast<double>(value);
}

template <class T>
T from_number(double value) {
  if constexpr (std::is_same_v<T, image::Half>)
    return to_half(static_cast<float>(value));
  else
    return static_cast<T>(value);
}

/// The block of one output voxel, gathered the slow way.
template <class T>
std::vector<T> block_of(const std::vector<T>& voxels, const Shape& extent, const Shape& factor, const Shape& at) {
  std::vector<T> out;
  std::function<void(std::size_t, std::int64_t)> walk = [&](std::size_t axis, std::int64_t index) {
    if (axis == extent.size()) return out.push_back(voxels[static_cast<std::size_t>(index)]);
    for (std::int64_t i = at[axis] * factor[axis]; i < std::min((at[axis] + 1) * factor[axis], extent[axis]); ++i)
      walk(axis + 1, index * extent[axis] + i);
  };
  walk(0, 0);
  return out;
}

template <class T>
T reference_mean(const std::vector<T>& block) {
  double sum = 0;
  int count = 0;
  for (const T value : block) {
    if (std::isnan(as_number(value))) continue;
    sum += as_number(value);
    ++count;
  }
  if (count == 0) return block.back();
  const double mean = sum / count;
  return from_number<T>(std::is_integral_v<T> ? std::nearbyint(mean) : mean);  // nearbyint: halves to even
}

template <class T>
T reference_mode(const std::vector<T>& block) {
  std::map<double, int> counts;
  for (const T value : block) ++counts[as_number(value)];
  double best = counts.begin()->first;
  for (const auto& [value, count] : counts) {
    if (count > counts[best]) best = value;
  }
  return from_number<T>(best);
}

template <class T>
bool same_bits(T a, T b) {
  return std::memcmp(&a, &b, sizeof a) == 0;
}

template <class T>
void compare_all(image::DType dtype, unsigned seed) {
  std::mt19937 random(seed);
  for (int round = 0; round < 60; ++round) {
    const std::size_t ndim = 1 + random() % 4;
    Shape extent(ndim), factor(ndim), out_extent(ndim), out_shape(ndim), out_start(ndim);
    std::size_t count = 1;
    std::size_t out_count = 1;
    for (std::size_t axis = 0; axis < ndim; ++axis) {
      extent[axis] = 1 + random() % 7;
      factor[axis] = 1 + random() % 2;
      out_extent[axis] = (extent[axis] + factor[axis] - 1) / factor[axis];
      out_start[axis] = random() % 3;
      out_shape[axis] = out_extent[axis] + out_start[axis] + random() % 3;
      count *= static_cast<std::size_t>(extent[axis]);
      out_count *= static_cast<std::size_t>(out_shape[axis]);
    }
    std::vector<T> voxels(count);
    const bool few = round % 2 == 0;
    for (T& value : voxels) {
      const auto drawn = static_cast<std::int64_t>(random() % (few ? 3 : 200));
      value = from_number<T>(static_cast<double>(std::is_unsigned_v<T> ? drawn : drawn - (few ? 1 : 100)));
      if constexpr (std::is_floating_point_v<T>) {
        if (random() % 5 == 0) value = std::numeric_limits<T>::quiet_NaN();
      }
    }
    for (const Method method : {Method::Mean, Method::Mode}) {
      if (method == Method::Mode && !std::is_integral_v<T>) continue;
      const T untouched = from_number<T>(77);
      std::vector<T> out(out_count, untouched);
      downsample(dtype, method, reinterpret_cast<const std::byte*>(voxels.data()), extent, factor,
                 {reinterpret_cast<std::byte*>(out.data()), out_shape, out_start});
      Shape at(ndim, 0);
      for (std::size_t i = 0; i < out_count; ++i) {
        std::size_t rest = i;
        bool inside = true;
        for (std::size_t axis = ndim; axis-- > 0;) {
          at[axis] = static_cast<std::int64_t>(rest % static_cast<std::size_t>(out_shape[axis])) - out_start[axis];
          rest /= static_cast<std::size_t>(out_shape[axis]);
          inside = inside && at[axis] >= 0 && at[axis] < out_extent[axis];
        }
        T expected = untouched;
        if (inside) {
          const auto block = block_of(voxels, extent, factor, at);
          expected = method == Method::Mean ? reference_mean(block) : reference_mode(block);
        }
        const bool both_nan = std::isnan(as_number(out[i])) && std::isnan(as_number(expected));
        ASSERT_TRUE(both_nan || same_bits(out[i], expected))
            << "seed " << seed << " round " << round << " " << as_number(out[i]) << " expected " << as_number(expected)
            << " at " << i << (method == Method::Mean ? " mean of " : " mode of ")
            << fmt::format("{} by {}", fmt::join(extent, "x"), fmt::join(factor, "x"));
      }
    }
  }
}

TEST(Downsample, EveryTypeIsAsTheScalarReference) {
  using enum image::DType;
  compare_all<std::uint8_t>(UInt8, 1);
  compare_all<std::int8_t>(Int8, 2);
  compare_all<std::uint16_t>(UInt16, 3);
  compare_all<std::int16_t>(Int16, 4);
  compare_all<std::uint32_t>(UInt32, 5);
  compare_all<std::int32_t>(Int32, 6);
  compare_all<std::uint64_t>(UInt64, 7);
  compare_all<std::int64_t>(Int64, 8);
  compare_all<image::Half>(Float16, 9);
  compare_all<float>(Float32, 10);
  compare_all<double>(Float64, 11);
}

TEST(Downsample, LargeIntegersDoNotOverflow) {
  const std::vector<std::uint64_t> voxels(8, UINT64_MAX);
  std::uint64_t out = 0;
  downsample(image::DType::UInt64, Method::Mean, reinterpret_cast<const std::byte*>(voxels.data()), {2, 2, 2},
             {2, 2, 2}, {reinterpret_cast<std::byte*>(&out), {1, 1, 1}, {0, 0, 0}});
  EXPECT_EQ(out, UINT64_MAX);
  const std::vector<std::int32_t> low(8, INT32_MIN);
  std::int32_t least = 0;
  downsample(image::DType::Int32, Method::Mean, reinterpret_cast<const std::byte*>(low.data()), {2, 2, 2}, {2, 2, 2},
             {reinterpret_cast<std::byte*>(&least), {1, 1, 1}, {0, 0, 0}});
  EXPECT_EQ(least, INT32_MIN);
}

TEST(Downsample, HalvesGoToEven) {
  const std::vector<std::int16_t> voxels = {1, 2, 2, 3, -1, -2, -2, -3};
  std::vector<std::int16_t> out(4);
  downsample(image::DType::Int16, Method::Mean, reinterpret_cast<const std::byte*>(voxels.data()), {8}, {2},
             {reinterpret_cast<std::byte*>(out.data()), {4}, {0}});
  EXPECT_EQ(out, (std::vector<std::int16_t>{2, 2, -2, -2}));
}

TEST(ToHalf, IsTheInverseOfReadingAHalf) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const image::Half half{static_cast<std::uint16_t>(bits)};
    const float value = half;
    if (std::isnan(value)) {
      EXPECT_TRUE(std::isnan(static_cast<float>(to_half(value))));
    } else {
      ASSERT_EQ(to_half(value).bits, bits) << value;
    }
  }
  EXPECT_EQ(to_half(65519.0F).bits, 0x7bffU);
  EXPECT_EQ(to_half(65520.0F).bits, 0x7c00U);
  EXPECT_EQ(to_half(0x1p-25F).bits, 0U) << "halfway between 0 and the least: to even";
  EXPECT_EQ(to_half(2049.0F).bits, to_half(2048.0F).bits);
}

}  // namespace
}  // namespace ndcast::convert
