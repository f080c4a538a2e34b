#include "image/stats.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <type_traits>

#include "base/check.h"
#include "base/digest.h"
#include "image/chunk_cache.h"
#include "image/numpy_dtype.h"
#include "image/read_region.h"

namespace ndcast::image {
namespace {

/// One dense box at a time; and decoded chunks kept for the boxes that come back to them.
constexpr std::size_t kBoxBytes = std::size_t{32} << 20;
constexpr std::size_t kCacheBytes = std::size_t{64} << 20;
/// Elements summed in the narrow type before they join the wide total.
constexpr std::size_t kBlockElements = 4096;

using Extents = std::vector<std::int64_t>;

template <class T>
struct Extremes {
  T min{};
  T max{};
  bool any = false;

  void add(T value) {
    if (!any || value < min) min = value;
    if (!any || value > max) max = value;
    any = true;
  }
};

/// Gathers over dense runs of elements of type T in C order.
template <class T>
class Accumulator {
 public:
  void add(const std::byte* data, std::size_t count) {
    for (std::size_t at = 0; at < count; at += kBlockElements) {
      add_block(data + at * sizeof(T), std::min(kBlockElements, count - at));
    }
  }

  ArrayStats finish() const {
    ArrayStats out;
    out.nan_count = nan_count_;
    if (!extremes_.any) return out;
    out.min = scalar(extremes_.min);
    out.max = scalar(extremes_.max);
    out.mean = static_cast<double>(total_ / static_cast<long double>(count_ - nan_count_));
    return out;
  }

 private:
  using Value = std::conditional_t<std::is_same_v<T, Half>, float, T>;
  // Blocks of up to 32-bit integers sum exactly in 64 bits.
  using Sum = std::conditional_t<std::is_floating_point_v<Value>, double,
                                 std::conditional_t<sizeof(T) == 8, long double, std::int64_t>>;

  void add_block(const std::byte* data, std::size_t count) {
    Sum sum{};
    Extremes<Value> extremes = extremes_;
    for (std::size_t i = 0; i < count; ++i) {
      const auto value = static_cast<Value>(load_element<T>(data + i * sizeof(T), false));
      if constexpr (std::is_floating_point_v<Value>) {
        if (std::isnan(value)) {
          ++nan_count_;
          continue;
        }
      }
      sum += static_cast<Sum>(value);
      extremes.add(value);
    }
    extremes_ = extremes;
    total_ += static_cast<long double>(sum);
    count_ += count;
  }

  static Scalar scalar(Value value) {
    if constexpr (std::is_floating_point_v<Value>) return static_cast<double>(value);
    if constexpr (std::is_signed_v<Value>) return static_cast<std::int64_t>(value);
    return static_cast<std::uint64_t>(value);
  }

  Extremes<Value> extremes_;
  long double total_ = 0;
  std::uint64_t count_ = 0;
  std::uint64_t nan_count_ = 0;
};

/// Walks an array as dense boxes that follow each other in C order: one index on the axes before `axis`, a range on it,
/// everything behind it.
class BoxWalk {
 public:
  BoxWalk(const ZarrArray& array, const std::optional<AxisPosition>& at)
      : array_(array),
        begin_(array.grid_shape().size(), 0),
        end_(array.shape().begin(), array.shape().end()),
        shape_(array.grid_shape().size(), 1) {
    const Extents whole = end_;
    if (at) {
      const auto axis = static_cast<std::size_t>(at->axis);
      ND_CHECK(axis < end_.size() && at->position >= 0 && at->position < end_[axis], "a position outside the array");
      begin_[axis] = at->position;
      end_[axis] = at->position + 1;
    }
    start_ = begin_;
    done_ = std::ranges::any_of(whole, [](std::int64_t extent) { return extent == 0; });
    if (done_ || whole.empty()) return;
    // The outermost axis of which one step still fits a box.
    axis_ = whole.size() - 1;
    row_bytes_ = byte_size(array.dtype());
    for (; axis_ > 0 && row_bytes_ <= kBoxBytes / extent(axis_); --axis_) {
      row_bytes_ *= extent(axis_);
      shape_[axis_] = end_[axis_] - begin_[axis_];
    }
    limit_range();
  }

  bool done() const { return done_; }
  const Extents& start() const { return start_; }
  const Extents& shape() const { return shape_; }

  /// Of everything that is walked.
  std::uint64_t bytes() const {
    std::uint64_t bytes = byte_size(array_.dtype());
    for (std::size_t axis = 0; axis < end_.size(); ++axis) bytes *= extent(axis);
    return bytes;
  }

  void next() {
    if (end_.empty()) {
      done_ = true;
      return;
    }
    start_[axis_] += shape_[axis_];
    for (std::size_t axis = axis_; start_[axis] == end_[axis]; --axis) {
      if (axis == 0) {
        done_ = true;
        return;
      }
      start_[axis] = begin_[axis];
      ++start_[axis - 1];
    }
    limit_range();
  }

 private:
  std::size_t extent(std::size_t axis) const { return static_cast<std::size_t>(end_[axis] - begin_[axis]); }
  /// Up to the next chunk boundary, if that fits.
  void limit_range() {
    const std::int64_t chunk = array_.chunk_shape()[axis_];
    const std::int64_t to_boundary = chunk - start_[axis_] % chunk;
    const auto fitting = static_cast<std::int64_t>(std::max<std::size_t>(kBoxBytes / row_bytes_, 1));
    shape_[axis_] = std::min({to_boundary, fitting, end_[axis_] - start_[axis_]});
  }

  const ZarrArray& array_;
  Extents begin_;
  Extents end_;
  Extents start_;
  Extents shape_;
  std::size_t axis_ = 0;
  std::size_t row_bytes_ = 1;
  bool done_ = false;
};

template <class T>
Result<ArrayStats> stats_of(const ZarrArray& array, const StatsRequest& request) {
  ChunkCache cache(kCacheBytes);
  const ChunkSource cached = [&](std::span<const std::int64_t> chunk) -> Result<ChunkPtr> {
    const ChunkKey key{array.id(), linear_index(array.grid_shape(), chunk)};
    if (ChunkPtr found = cache.find(key)) return found;
    ND_ASSIGN(ChunkPtr loaded, array.read_chunk(chunk));
    cache.insert(key, loaded);
    return loaded;
  };
  Accumulator<T> accumulator;
  Sha256 digest;
  BoxWalk walk(array, request.at);
  const std::uint64_t total = walk.bytes();
  for (std::uint64_t done = 0; !walk.done(); walk.next()) {
    if (request.on_progress && !request.on_progress(done, total)) {
      return fail(ErrorCode::Cancelled, "cancelled after {} of {} bytes", done, total);
    }
    ND_ASSIGN(Bytes box, read_region(array, walk.start(), walk.shape(), cached));
    accumulator.add(box.data(), box.size() / sizeof(T));
    if constexpr (std::endian::native == std::endian::big) swap_bytes(box, sizeof(T));
    digest.update(box);
    done += box.size();
  }
  ArrayStats stats = accumulator.finish();
  stats.sha256 = digest.hex();
  return stats;
}

}  // namespace

Result<ArrayStats> compute_stats(const ZarrArray& array, const StatsRequest& request) {
  std::int64_t voxels = 1;
  for (const std::int64_t extent : array.shape()) {
    if (extent == 0) voxels = 0;
  }
  for (const std::int64_t extent : array.shape()) {
    if (__builtin_mul_overflow(voxels, extent, &voxels) || voxels > kStatsVoxels) {
      return fail(ErrorCode::Limit, "{}: statistics of [{}] voxels; at most {} are read", array.path(),
                  fmt::join(array.shape(), ", "), kStatsVoxels);
    }
  }
  return visit_dtype(array.dtype(), [&](auto zero) { return stats_of<decltype(zero)>(array, request); });
}

}  // namespace ndcast::image
