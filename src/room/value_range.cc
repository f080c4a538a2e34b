#include "room/value_range.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace ndcast::room {
namespace {

using image::ChunkPtr;
using image::ZarrArray;

/// At most this many voxels of a chunk are looked at; percentiles of 0.1 % need some ten thousand.
constexpr std::int64_t kSampledVoxels = 64 * 1024;

/// Up to `count` of the positions 0 … n−1, spread evenly, the middle first when only one is taken.
std::vector<std::int64_t> spread(std::int64_t n, std::int64_t count) {
  count = std::min(n, count);
  std::vector<std::int64_t> positions;
  positions.reserve(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) positions.push_back((2 * i + 1) * n / (2 * count));
  return positions;
}

/// Grid positions to look at: the channel's own place along the channel axis, the middle of every other axis, and
/// `kSampledChunks` places along the axis with the most chunks.
std::vector<std::vector<std::int64_t>> sampled_chunks(const ZarrArray& array, std::optional<int> channel_axis,
                                                      int channel) {
  const auto grid = array.grid_shape();
  std::vector<std::int64_t> middle;
  std::size_t longest = 0;
  for (std::size_t i = 0; i < grid.size(); ++i) {
    const bool is_channel = channel_axis && static_cast<std::size_t>(*channel_axis) == i;
    middle.push_back(is_channel ? channel / array.chunk_shape()[i] : grid[i] / 2);
    const bool better = !is_channel && grid[i] > grid[longest];
    if (better || (channel_axis && longest == static_cast<std::size_t>(*channel_axis))) longest = i;
  }
  std::vector<std::vector<std::int64_t>> chunks;
  for (const std::int64_t position : spread(grid.empty() ? 1 : grid[longest], kSampledChunks)) {
    chunks.push_back(middle);
    if (!grid.empty()) chunks.back()[longest] = position;
  }
  return chunks;
}

/// Appends finite values of the part of the chunk that lies inside the array and in the channel.
void append_values(const ZarrArray& array, std::span<const std::int64_t> chunk, const ChunkPtr& data,
                   std::optional<int> channel_axis, int channel, std::vector<double>& values) {
  if (data->is_fill) {
    if (std::isfinite(array.fill_value())) values.push_back(array.fill_value());
    return;
  }
  const auto shape = array.chunk_shape();
  std::vector<std::int64_t> low(shape.size(), 0);
  std::vector<std::int64_t> size(shape.size());
  std::int64_t total = 1;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    size[i] = std::min(shape[i], array.shape()[i] - chunk[i] * shape[i]);
    if (channel_axis && static_cast<std::size_t>(*channel_axis) == i) {
      low[i] = channel % shape[i];
      size[i] = 1;
    }
    total *= size[i];
  }
  // An odd stride so that it does not fall in step with rows.
  const std::int64_t stride = std::max<std::int64_t>(1, total / kSampledVoxels) | 1;
  const std::size_t item = image::byte_size(array.dtype());
  for (std::int64_t n = 0; n < total; n += stride) {
    std::int64_t offset = 0;
    std::int64_t rest = n;
    std::int64_t pitch = 1;
    for (std::size_t i = shape.size(); i-- > 0;) {
      offset += (low[i] + rest % size[i]) * pitch;
      rest /= size[i];
      pitch *= shape[i];
    }
    const double value =
        image::value_as_double(array.dtype(), data->data.data() + static_cast<std::size_t>(offset) * item);
    if (std::isfinite(value)) values.push_back(value);
  }
}

double percentile(std::vector<double>& values, double fraction) {
  const auto nth = values.begin() + static_cast<std::ptrdiff_t>(fraction * static_cast<double>(values.size() - 1));
  std::ranges::nth_element(values, nth);
  return *nth;
}

}  // namespace

std::optional<ValueRange> sample_values(const image::Image& image, std::optional<int> channel,
                                        image::ChunkLoader& loader) {
  const ZarrArray& array = *image.levels.back().array;
  const std::optional<int> channel_axis = channel ? image.axis_of(image::AxisType::Channel) : std::nullopt;
  std::vector<double> values;
  for (const auto& chunk : sampled_chunks(array, channel_axis, channel.value_or(0))) {
    // A chunk that does not decode is told of when it is drawn; here it is only not a sample.
    if (const Result<ChunkPtr> data = loader.load_now(array, chunk)) {
      append_values(array, chunk, *data, channel_axis, channel.value_or(0), values);
    }
  }
  if (values.empty()) return std::nullopt;
  ValueRange range;
  const auto [least, greatest] = std::ranges::minmax(values);
  range.extremes = {least, greatest};
  range.window = {percentile(values, 0.001), percentile(values, 0.999)};
  if (range.window[0] == range.window[1]) range.window = range.extremes;
  if (range.window[0] == range.window[1]) range.window[1] += 1.0;
  if (range.extremes[0] == range.extremes[1]) range.extremes = range.window;
  return range;
}

}  // namespace ndcast::room
