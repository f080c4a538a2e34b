#include "convert/downsample.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <type_traits>

#include "image/strided.h"

namespace ndcast::convert {
namespace {

__extension__ using Int128 = __int128;

/// Sums of eight are exact.
template <class T>
using SumOf = std::conditional_t<
    std::is_same_v<T, image::Half> || std::is_floating_point_v<T>, double,
    std::conditional_t<sizeof(T) <= 2, std::int32_t, std::conditional_t<sizeof(T) == 4, std::int64_t, Int128>>>;

/// One output row: the input rows that it is made of (1, 2, 4 or more), `inner` voxels side by side that are no part of
/// the row's own axis (the samples of a pixel), and where it goes.
template <class T>
struct Row {
  const T* const* inputs = nullptr;
  std::size_t input_count = 0;
  std::size_t length = 0;  ///< of an input row, in groups of `inner`
  std::size_t inner = 1;
  T* out = nullptr;
};

/// Most inputs of a row: 2^(axes - 1), and images have at most five axes or so; more are worked off all the same.
constexpr std::size_t kMaxInputs = std::size_t{1} << 8;

template <class T>
T rounded_mean(SumOf<T> sum, std::size_t count) {
  if constexpr (std::is_same_v<T, image::Half>) {
    return to_half(static_cast<float>(sum / static_cast<double>(count)));
  } else if constexpr (std::is_floating_point_v<T>) {
    return static_cast<T>(sum / static_cast<double>(count));
  } else {
    const int shift = std::countr_zero(count);  // counts are powers of two
    if (shift == 0) return static_cast<T>(sum);
    const SumOf<T> floor = sum >> shift;
    const SumOf<T> half = SumOf<T>{1} << (shift - 1);
    return static_cast<T>((sum + half - 1 + (floor & 1)) >> shift);
  }
}

/// The block of output column (x, c): every input row, one or two groups.
template <class T, class F>
void for_each_voxel(const Row<T>& row, std::size_t x, std::size_t c, F&& f) {
  const std::size_t end = std::min(2 * x + 2, row.length);
  for (std::size_t i = 0; i < row.input_count; ++i) {
    for (std::size_t at = 2 * x; at < end; ++at) f(row.inputs[i][at * row.inner + c]);
  }
}

template <class T>
bool is_nan(T value) {
  if constexpr (std::is_same_v<T, image::Half>)
    return std::isnan(static_cast<float>(value));
  else if constexpr (std::is_floating_point_v<T>)
    return std::isnan(value);
  else
    return false;
}

template <class T>
T mean_without_nan(const Row<T>& row, std::size_t x, std::size_t c) {
  SumOf<T> sum{};
  std::size_t count = 0;
  T last{};
  for_each_voxel(row, x, c, [&](T value) {
    last = value;
    if (is_nan(value)) return;
    sum += static_cast<SumOf<T>>(static_cast<std::conditional_t<std::is_same_v<T, image::Half>, float, T>>(value));
    ++count;
  });
  return count == 0 ? last : rounded_mean<T>(sum, count);
}

template <class T>
void mean_row(const Row<T>& row, std::vector<SumOf<T>>& sums) {
  using Number = std::conditional_t<std::is_same_v<T, image::Half>, float, T>;
  const std::size_t pairs = row.length / 2;
  sums.assign(pairs * row.inner, SumOf<T>{});
  SumOf<T>* const to = sums.data();
  for (std::size_t i = 0; i < row.input_count; ++i) {
    const T* const from = row.inputs[i];
    if (row.inner == 1) {
      for (std::size_t x = 0; x < pairs; ++x) {
        to[x] += static_cast<SumOf<T>>(static_cast<Number>(from[2 * x])) +
                 static_cast<SumOf<T>>(static_cast<Number>(from[2 * x + 1]));
      }
    } else {
      for (std::size_t x = 0; x < pairs; ++x) {
        for (std::size_t c = 0; c < row.inner; ++c) {
          to[x * row.inner + c] += static_cast<SumOf<T>>(static_cast<Number>(from[2 * x * row.inner + c])) +
                                   static_cast<SumOf<T>>(static_cast<Number>(from[(2 * x + 1) * row.inner + c]));
        }
      }
    }
  }
  const std::size_t count = 2 * row.input_count;
  for (std::size_t i = 0; i < sums.size(); ++i) row.out[i] = rounded_mean<T>(to[i], count);
  if constexpr (std::is_same_v<SumOf<T>, double>) {
    for (std::size_t i = 0; i < sums.size(); ++i) {
      if (std::isnan(to[i])) row.out[i] = mean_without_nan(row, i / row.inner, i % row.inner);
    }
  }
  if (row.length % 2 == 1) {
    for (std::size_t c = 0; c < row.inner; ++c) row.out[pairs * row.inner + c] = mean_without_nan(row, pairs, c);
  }
}

template <class T>
T mode_of(const T* values, std::size_t count) {
  std::size_t best = 0;
  T winner = values[0];
  for (std::size_t i = 0; i < count; ++i) {
    std::size_t same = 0;
    for (std::size_t j = 0; j < count; ++j) same += values[j] == values[i] ? 1 : 0;
    if (same > best || (same == best && values[i] < winner)) {
      best = same;
      winner = values[i];
    }
  }
  return winner;
}

template <class T>
void mode_row(const Row<T>& row) {
  std::array<T, 2 * kMaxInputs> values;
  const std::size_t columns = (row.length + 1) / 2;
  for (std::size_t x = 0; x < columns; ++x) {
    for (std::size_t c = 0; c < row.inner; ++c) {
      std::size_t count = 0;
      for_each_voxel(row, x, c, [&](T value) { values[count++] = value; });
      row.out[x * row.inner + c] = mode_of(values.data(), count);
    }
  }
}

template <class T>
class Halver {
 public:
  Halver(Method method, const T* voxels, const Shape& extent, const Shape& factor, const Target& target)
      : method_(method), voxels_(voxels), extent_(extent), factor_(factor), target_(target) {}

  void run() {
    const std::size_t ndim = extent_.size();
    row_axis_ = ndim;
    while (row_axis_ > 0 && factor_[row_axis_ - 1] == 1) --row_axis_;
    if (row_axis_ == 0) return copy();
    --row_axis_;
    inner_ = 1;
    for (std::size_t axis = row_axis_ + 1; axis < ndim; ++axis) inner_ *= static_cast<std::size_t>(extent_[axis]);
    // Samples that do not fill the target's pixels are written one group at a time.
    whole_groups_ = true;
    for (std::size_t axis = row_axis_ + 1; axis < ndim; ++axis)
      whole_groups_ = whole_groups_ && target_.shape[axis] == extent_[axis];
    Shape at(row_axis_, 0);
    while (true) {
      one_row(at);
      std::size_t axis = row_axis_;
      while (axis-- > 0) {
        if (++at[axis] * factor_[axis] < extent_[axis]) break;
        at[axis] = 0;
      }
      if (axis == SIZE_MAX) return;
    }
  }

 private:
  std::size_t target_index(const Shape& at) const {
    std::int64_t to = 0;
    for (std::size_t axis = 0; axis < extent_.size(); ++axis) {
      to = to * target_.shape[axis] + target_.start[axis] + (axis < row_axis_ ? at[axis] : 0);
    }
    return static_cast<std::size_t>(to);
  }

  /// The input rows below output row `at`.
  void collect(const Shape& at) {
    inputs_.assign(1, voxels_);
    std::int64_t stride = static_cast<std::int64_t>(inner_) * extent_[row_axis_];
    for (std::size_t axis = row_axis_; axis-- > 0;) {
      const std::int64_t first = at[axis] * factor_[axis];
      const bool second = factor_[axis] == 2 && first + 1 < extent_[axis];
      const std::size_t count = inputs_.size();
      for (std::size_t i = 0; i < count; ++i) {
        inputs_[i] += first * stride;
        if (second) inputs_.push_back(inputs_[i] + stride);
      }
      stride *= extent_[axis];
    }
  }

  void one_row(const Shape& at) {
    collect(at);
    const auto length = static_cast<std::size_t>(extent_[row_axis_]);
    const std::size_t columns = (length + 1) / 2;
    T* out = reinterpret_cast<T*>(target_.data) + target_index(at);
    if (!whole_groups_) {
      row_.resize(columns * inner_);
      out = row_.data();
    }
    const Row<T> row{inputs_.data(), inputs_.size(), length, inner_, out};
    method_ == Method::Mode ? mode_row(row) : mean_row(row, sums_);
    if (!whole_groups_) scatter(at, columns);
  }

  void scatter(const Shape& at, std::size_t columns) {
    Shape extent = extent_;
    Shape start = target_.start;
    for (std::size_t axis = 0; axis < row_axis_; ++axis) {
      extent[axis] = 1;
      start[axis] += at[axis];
    }
    extent[row_axis_] = static_cast<std::int64_t>(columns);
    const Shape zero(extent.size(), 0);
    image::copy_box(extent, sizeof(T), reinterpret_cast<const std::byte*>(row_.data()), {extent, zero}, target_.data,
                    {target_.shape, start});
  }

  void copy() {
    const Shape zero(extent_.size(), 0);
    image::copy_box(extent_, sizeof(T), reinterpret_cast<const std::byte*>(voxels_), {extent_, zero}, target_.data,
                    {target_.shape, target_.start});
  }

  Method method_;
  const T* voxels_;
  const Shape& extent_;
  const Shape& factor_;
  const Target& target_;
  std::size_t row_axis_ = 0;
  std::size_t inner_ = 1;
  bool whole_groups_ = true;
  std::vector<const T*> inputs_;
  std::vector<SumOf<T>> sums_;
  std::vector<T> row_;
};

}  // namespace

image::Half to_half(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const auto sign = static_cast<std::uint16_t>((bits >> 16) & 0x8000U);
  const std::uint32_t magnitude = bits & 0x7fffffffU;
  if (magnitude > 0x7f800000U) return {static_cast<std::uint16_t>(sign | 0x7e00U)};
  if (magnitude >= 0x477ff000U) return {static_cast<std::uint16_t>(sign | 0x7c00U)};  // rounds to 65536 and above
  if (magnitude < 0x38800000U) {
    // Below 2^-14: adding 0.5 puts the last bit of binary16's subnormals at the end of binary32's mantissa.
    const float shifted = std::bit_cast<float>(magnitude) + 0.5F;
    return {static_cast<std::uint16_t>(sign | (std::bit_cast<std::uint32_t>(shifted) - 0x3f000000U))};
  }
  const std::uint32_t odd = (magnitude >> 13) & 1U;
  return {static_cast<std::uint16_t>(sign | ((magnitude + 0xc8000fffU + odd) >> 13))};
}

void downsample(image::DType dtype, Method method, const std::byte* voxels, const Shape& extent, const Shape& factor,
                const Target& target) {
  image::visit_dtype(dtype, [&](auto zero) {
    using T = decltype(zero);
    Halver<T>(method, reinterpret_cast<const T*>(voxels), extent, factor, target).run();
  });
}

}  // namespace ndcast::convert
