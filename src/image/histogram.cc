#include "image/histogram.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#include "base/check.h"

namespace ndcast::image {
namespace {

using Extents = std::vector<std::int64_t>;

constexpr std::size_t kFineSteps = 65'536;

/// Where the box and a chunk meet: positions inside the chunk.
struct Overlap {
  Extents low;
  Extents size;
  std::uint64_t voxels = 1;
};

Overlap overlap_of(const ZarrArray& array, const HistogramRequest& box, const Extents& chunk) {
  const auto shape = array.chunk_shape();
  Overlap out;
  for (std::size_t i = 0; i < chunk.size(); ++i) {
    const std::int64_t origin = chunk[i] * shape[i];
    const std::int64_t low = std::max(box.begin[i], origin);
    const std::int64_t high = std::min(box.end[i], origin + shape[i]);
    out.low.push_back(low - origin);
    out.size.push_back(high - low);
    out.voxels *= static_cast<std::uint64_t>(high - low);
  }
  return out;
}

/// The chunks that the box touches, in C order, or some of them spread evenly.
class ChunkChoice {
 public:
  ChunkChoice(const ZarrArray& array, const HistogramRequest& request) : chunk_bytes_(byte_size(array.dtype())) {
    const auto shape = array.chunk_shape();
    for (std::size_t i = 0; i < shape.size(); ++i) {
      first_.push_back(request.begin[i] / shape[i]);
      count_.push_back((request.end[i] - 1) / shape[i] - first_.back() + 1);
      all_ *= static_cast<std::uint64_t>(count_.back());
      chunk_bytes_ *= static_cast<std::uint64_t>(shape[i]);
    }
    chosen_ = std::clamp<std::uint64_t>(request.at_most_bytes / chunk_bytes_, 1, all_);
  }

  std::uint64_t chunk_bytes() const { return chunk_bytes_; }

  std::uint64_t size() const { return chosen_; }
  bool is_sampled() const { return chosen_ < all_; }
  Extents at(std::uint64_t i) const {
    // The middle of the i-th of as many equal stretches.
    const auto place = static_cast<std::uint64_t>(static_cast<long double>(2 * i + 1) * static_cast<long double>(all_) /
                                                  static_cast<long double>(2 * chosen_));
    std::uint64_t rest = is_sampled() ? place : i;
    Extents chunk(count_.size());
    for (std::size_t axis = count_.size(); axis-- > 0;) {
      chunk[axis] = first_[axis] + static_cast<std::int64_t>(rest % static_cast<std::uint64_t>(count_[axis]));
      rest /= static_cast<std::uint64_t>(count_[axis]);
    }
    return chunk;
  }

 private:
  std::uint64_t chunk_bytes_;
  Extents first_;
  Extents count_;
  std::uint64_t all_ = 1;
  std::uint64_t chosen_ = 1;
};

/// Calls row(pointer, voxels) for each row of the overlap that lies in one piece.
template <class T, class Row>
void for_rows(const DecodedChunk& chunk, std::span<const std::int64_t> shape, const Overlap& overlap, Row&& row) {
  const auto* const voxels = reinterpret_cast<const T*>(chunk.data.data());
  if (shape.empty()) return row(voxels, std::size_t{1});
  const std::size_t last = shape.size() - 1;
  Extents at = overlap.low;
  for (;;) {
    std::int64_t offset = 0;
    for (std::size_t i = 0; i <= last; ++i) offset = offset * shape[i] + at[i];
    row(voxels + offset, static_cast<std::size_t>(overlap.size[last]));
    std::size_t axis = last;
    while (axis-- > 0) {
      if (++at[axis] < overlap.low[axis] + overlap.size[axis]) break;
      at[axis] = overlap.low[axis];
    }
    if (axis == static_cast<std::size_t>(-1)) return;
  }
}

template <class T>
double number(T value) {
  if constexpr (std::is_same_v<T, Half>) return static_cast<double>(static_cast<float>(value));
  return static_cast<double>(value);
}

/// The value of a fine step: exactly one where each value has its own, else its middle.
double fine_value(const Histogram& histogram, std::size_t i) {
  const auto [low, high] = histogram.extremes;
  const auto steps = static_cast<double>(histogram.fine.size());
  if (high - low + 1 == steps) return low + static_cast<double>(i);
  return low + (high / steps - low / steps) * (static_cast<double>(i) + 0.5);
}

/// Small enough for a count of each value.
template <class T>
constexpr bool kIsNarrow = std::is_integral_v<T> && sizeof(T) <= 2;

class Counter {
 public:
  Counter(const ZarrArray& array, const HistogramRequest& request, const ChunkSource& source)
      : array_(array), request_(request), source_(source), choice_(array, request) {}

  template <class T>
  Result<Histogram> run() {
    out_.sampled = choice_.is_sampled();
    passes_ = kIsNarrow<T> ? 1 : 2;
    if constexpr (kIsNarrow<T>) {
      ND_TRY(count_narrow<T>());
    } else {
      ND_TRY(count_wide<T>());
    }
    fill_bins(std::is_integral_v<T>);
    return std::move(out_);
  }

 private:
  /// Calls values(pointer, voxels) or, for a chunk that is all one value, fill(value, voxels).
  template <class T, class Values, class Fill>
  Result<void> pass(Values&& values, Fill&& fill) {
    std::optional<Error> trouble;
    std::uint64_t decoded = 0;
    for (std::uint64_t i = 0; i < choice_.size(); ++i) {
      const Extents chunk = choice_.at(i);
      const Overlap overlap = overlap_of(array_, request_, chunk);
      const std::uint64_t total = passes_ * choice_.size() * choice_.chunk_bytes();
      if (request_.on_progress && !request_.on_progress(done_, total)) {
        return fail(ErrorCode::Cancelled, "cancelled after {} of {} bytes", done_, total);
      }
      const Result<ChunkPtr> data = source_ ? source_(chunk) : array_.read_chunk(chunk);
      done_ += choice_.chunk_bytes();
      if (!data) {
        trouble = data.error();
        continue;
      }
      ++decoded;
      if ((*data)->is_fill) {
        fill(array_.fill_value(), overlap.voxels);
      } else {
        for_rows<T>(**data, array_.chunk_shape(), overlap, values);
      }
    }
    if (decoded == 0 && trouble) return std::unexpected(std::move(*trouble));
    return {};
  }

  template <class T>
  Result<void> count_narrow() {
    constexpr auto kLeast = static_cast<int>(std::numeric_limits<T>::min());
    std::vector<std::uint64_t> table(std::size_t{1} << (8 * sizeof(T)));
    ND_TRY(pass<T>(
        [&](const T* voxels, std::size_t n) {
          for (std::size_t i = 0; i < n; ++i) ++table[static_cast<std::size_t>(voxels[i] - kLeast)];
          out_.voxels += n;
        },
        [&](double value, std::uint64_t n) {
          out_.voxels += n;
          table[static_cast<std::size_t>(static_cast<int>(value) - kLeast)] += n;
        }));
    const auto used = [](std::uint64_t count) { return count > 0; };
    const auto first = std::ranges::find_if(table, used);
    if (first == table.end()) return {};
    const auto last = std::find_if(table.rbegin(), table.rend(), used).base();
    out_.extremes[0] = static_cast<double>(first - table.begin() + kLeast);
    out_.extremes[1] = static_cast<double>(last - table.begin() + kLeast - 1);
    out_.fine.assign(first, last);
    return {};
  }

  template <class T>
  Result<void> count_wide() {
    double least = std::numeric_limits<double>::infinity();
    double greatest = -least;
    const auto look = [&](double value, std::uint64_t n) {
      out_.voxels += n;
      if (!std::isfinite(value)) {
        out_.not_finite += n;
        return;
      }
      least = std::min(least, value);
      greatest = std::max(greatest, value);
    };
    ND_TRY(pass<T>(
        [&](const T* voxels, std::size_t n) {
          for (std::size_t i = 0; i < n; ++i) look(number(voxels[i]), 1);
        },
        look));
    if (least > greatest) return {};
    out_.extremes = {least, greatest};
    const bool own_steps = std::is_integral_v<T> && greatest - least < static_cast<double>(kFineSteps);
    const std::size_t steps = own_steps ? static_cast<std::size_t>(greatest - least) + 1 : kFineSteps;
    out_.fine.assign(steps, 0);
    // Halves, since the distance of two doubles may be infinite.
    const double span = greatest / 2 - least / 2;
    const auto count = [&](double value, std::uint64_t n) {
      if (!std::isfinite(value)) return;
      const double part = span > 0 ? std::clamp((value / 2 - least / 2) / span, 0.0, 1.0) : 0;
      const double place = own_steps ? value - least : part * static_cast<double>(steps);
      out_.fine[std::min(static_cast<std::size_t>(place), steps - 1)] += n;
    };
    return pass<T>(
        [&](const T* voxels, std::size_t n) {
          for (std::size_t i = 0; i < n; ++i) count(number(voxels[i]), 1);
        },
        count);
  }

  void fill_bins(bool whole_numbers) {
    if (out_.fine.empty()) return;
    const auto bins = static_cast<double>(request_.bins);
    const auto [low, high] = out_.extremes;
    out_.first = low;
    out_.width = whole_numbers ? std::ceil((high - low + 1) / bins) : (high / bins - low / bins);
    if (out_.width <= 0 || !std::isfinite(out_.width)) out_.width = 1;
    const double used = whole_numbers ? std::ceil((high - low + 1) / out_.width) : (high > low ? bins : 1);
    out_.counts.assign(static_cast<std::size_t>(used), 0);
    for (std::size_t i = 0; i < out_.fine.size(); ++i) {
      // In halves: the difference of two doubles may be infinite.
      const double place = (fine_value(out_, i) / 2 - low / 2) / out_.width * 2;
      const auto last = static_cast<double>(out_.counts.size() - 1);
      const auto bin = static_cast<std::size_t>(std::clamp(place, 0.0, last));
      out_.counts[bin] += out_.fine[i];
    }
  }

  const ZarrArray& array_;
  const HistogramRequest& request_;
  const ChunkSource& source_;
  const ChunkChoice choice_;
  Histogram out_;
  std::uint64_t passes_ = 1;
  std::uint64_t done_ = 0;  ///< bytes
};

}  // namespace

double Histogram::percentile(double percent) const {
  const std::uint64_t finite = voxels - not_finite;
  if (finite == 0) return 0;
  const double wanted = std::clamp(percent, 0.0, 100.0) / 100 * static_cast<double>(finite - 1);
  std::uint64_t before = 0;
  for (std::size_t i = 0; i < fine.size(); ++i) {
    before += fine[i];
    if (static_cast<double>(before) > wanted) return std::clamp(fine_value(*this, i), extremes[0], extremes[1]);
  }
  return extremes[1];
}

Result<Histogram> count_values(const ZarrArray& array, const HistogramRequest& request, const ChunkSource& source) {
  const auto shape = array.shape();
  ND_CHECK(request.begin.size() == shape.size() && request.end.size() == shape.size() && request.bins > 0,
           "a box of as many axes as the array");
  for (std::size_t i = 0; i < shape.size(); ++i) {
    ND_CHECK(request.begin[i] >= 0 && request.begin[i] < request.end[i] && request.end[i] <= shape[i],
             "a box inside the array");
  }
  return visit_dtype(array.dtype(), [&](auto zero) { return Counter(array, request, source).run<decltype(zero)>(); });
}

}  // namespace ndcast::image
