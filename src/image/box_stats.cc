#include "image/box_stats.h"

#include <algorithm>
#include <cmath>

namespace ndcast::image {
namespace {

/// Runs are looked at twice while they are in the nearest cache.
constexpr std::size_t kBlockVoxels = 2048;

/// Mean and squared deviations of blocks, put together as Chan, Golub and LeVeque (1983) do: nothing large is
/// subtracted from something as large.
class Moments {
 public:
  void add(double sum, double squares_about_mean, std::uint64_t count) {
    if (count == 0) return;
    const auto n = static_cast<long double>(count);
    const auto before = static_cast<long double>(count_);
    const long double distance = static_cast<long double>(sum) / n - mean();
    if (count_ > 0) squares_ += distance * distance * before * n / (before + n);
    squares_ += static_cast<long double>(squares_about_mean);
    sum_ += static_cast<long double>(sum);
    count_ += count;
  }

  std::uint64_t count() const { return count_; }
  double sum() const { return static_cast<double>(sum_); }
  long double mean() const { return count_ > 0 ? sum_ / static_cast<long double>(count_) : 0; }
  double deviation() const { return static_cast<double>(std::sqrt(squares_ / static_cast<long double>(count_))); }

 private:
  long double sum_ = 0;
  long double squares_ = 0;
  std::uint64_t count_ = 0;
};

class Summary {
 public:
  template <class T>
  void add(const T* voxels, std::size_t n) {
    for (std::size_t at = 0; at < n; at += kBlockVoxels) add_block(voxels + at, std::min(kBlockVoxels, n - at));
    out_.voxels += n;
  }

  void fill(double value, std::uint64_t n) {
    out_.voxels += n;
    if (!std::isfinite(value)) {
      out_.not_finite += n;
      return;
    }
    see(value);
    moments_.add(value * static_cast<double>(n), 0, n);
  }

  BoxStats finish(bool sampled) {
    out_.sampled = sampled;
    out_.sum = moments_.sum();
    if (moments_.count() == 0) return out_;
    out_.mean = static_cast<double>(moments_.mean());
    out_.deviation = moments_.deviation();
    return out_;
  }

 private:
  template <class T>
  void add_block(const T* voxels, std::size_t n) {
    double sum = 0;
    std::uint64_t finite = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const double value = static_cast<double>(voxels[i]);
      if (!std::isfinite(value)) continue;
      sum += value;
      ++finite;
      see(value);
    }
    out_.not_finite += n - finite;
    if (finite == 0) return;
    const double mean = sum / static_cast<double>(finite);
    double squares = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const double value = static_cast<double>(voxels[i]);
      if (std::isfinite(value)) squares += (value - mean) * (value - mean);
    }
    moments_.add(sum, squares, finite);
  }

  void see(double value) {
    // Written so that the first value replaces the NaN.
    if (!(out_.min <= value)) out_.min = value;
    if (!(out_.max >= value)) out_.max = value;
  }

  BoxStats out_;
  Moments moments_;
};

}  // namespace

Result<BoxStats> summarise(const ZarrArray& array, const VoxelBox& box, const ChunkSource& source,
                           std::uint64_t at_most_bytes) {
  return visit_dtype(array.dtype(), [&](auto zero) -> Result<BoxStats> {
    using T = decltype(zero);
    BoxReader reader(array, box, source, at_most_bytes);
    Summary summary;
    ND_TRY(reader.pass<T>([&](const T* voxels, std::size_t n) { summary.add(voxels, n); },
                          [&](double value, std::uint64_t n) { summary.fill(value, n); }));
    return summary.finish(reader.is_sampled());
  });
}

}  // namespace ndcast::image
