#include "image/histogram.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#include "base/check.h"

namespace ndcast::image {
namespace {

constexpr std::size_t kFineSteps = 65'536;

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
      : request_(request), reader_(array, request.box, source, request.at_most_bytes) {}

  template <class T>
  Result<Histogram> run() {
    passes_ = kIsNarrow<T> ? 1 : 2;
    if constexpr (kIsNarrow<T>) {
      ND_TRY(count_narrow<T>());
    } else {
      ND_TRY(count_wide<T>());
    }
    out_.sampled = reader_.is_sampled();
    fill_bins(std::is_integral_v<T>);
    return std::move(out_);
  }

 private:
  template <class T, class Values, class Fill>
  Result<void> pass(Values&& values, Fill&& fill) {
    const std::uint64_t before = done_;
    done_ += reader_.bytes_a_pass();
    return reader_.pass<T>(values, fill, [&](std::uint64_t bytes) -> Result<void> {
      const std::uint64_t total = passes_ * reader_.bytes_a_pass();
      if (request_.on_progress && !request_.on_progress(before + bytes, total)) {
        return fail(ErrorCode::Cancelled, "cancelled after {} of {} bytes", before + bytes, total);
      }
      return {};
    });
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

  const HistogramRequest& request_;
  BoxReader reader_;
  Histogram out_;
  std::uint64_t passes_ = 1;
  std::uint64_t done_ = 0;  ///< bytes of the passes so far
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
  ND_CHECK(request.bins > 0, "a histogram of at least one bin");
  return visit_dtype(array.dtype(), [&](auto zero) { return Counter(array, request, source).run<decltype(zero)>(); });
}

}  // namespace ndcast::image
