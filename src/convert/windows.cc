#include "convert/windows.h"

#include <algorithm>
#include <cmath>

#include "image/file_store.h"
#include "image/zarr_array.h"

namespace ndcast::convert {
namespace {

constexpr double kTail = 0.001;
/// Chunks of one channel that are looked at, spread over the level, and voxels of each.
constexpr std::int64_t kChunks = 32;
constexpr std::size_t kVoxelsPerChunk = 32'768;

void sample_chunk(const image::ZarrArray& array, const image::DecodedChunk& chunk, const Shape& at,
                  std::optional<std::size_t> axis, std::int64_t channel, std::vector<double>& out) {
  const auto shape = array.chunk_shape();
  const std::size_t voxel = image::byte_size(array.dtype());
  std::size_t count = 1;
  for (const std::int64_t extent : shape) count *= static_cast<std::size_t>(extent);
  // A step that has no factor in common with the usual extents, so that rows and channels are not met unevenly.
  const std::size_t step = count <= kVoxelsPerChunk ? 1 : (count / kVoxelsPerChunk) | 1;
  for (std::size_t i = 0; i < count; i += step) {
    std::size_t rest = i;
    bool inside = true;
    for (std::size_t a = shape.size(); a-- > 0;) {
      const auto extent = static_cast<std::size_t>(shape[a]);
      const std::int64_t index = at[a] * shape[a] + static_cast<std::int64_t>(rest % extent);
      rest /= extent;
      inside = inside && index < array.shape()[a] && (!axis || a != *axis || index == channel);
    }
    if (!inside) continue;
    const double value =
        chunk.is_fill ? array.fill_value() : image::value_as_double(array.dtype(), chunk.data.data() + i * voxel);
    if (std::isfinite(value)) out.push_back(value);
  }
}

Result<std::vector<double>> sample_channel(const image::ZarrArray& array, std::optional<std::size_t> axis,
                                           std::int64_t channel) {
  Shape grid(array.grid_shape().begin(), array.grid_shape().end());
  Shape first(grid.size(), 0);
  if (axis) {
    first[*axis] = channel / array.chunk_shape()[*axis];
    grid[*axis] = 1;
  }
  std::int64_t chunks = 1;
  for (const std::int64_t extent : grid) chunks *= extent;
  std::vector<double> out;
  const std::int64_t taken = std::min(chunks, kChunks);
  for (std::int64_t i = 0; i < taken; ++i) {
    std::int64_t rest = i * chunks / taken;
    Shape at = first;
    for (std::size_t a = grid.size(); a-- > 0;) {
      at[a] += rest % grid[a];
      rest /= grid[a];
    }
    ND_ASSIGN(const image::ChunkPtr chunk, array.read_chunk(at));
    sample_chunk(array, *chunk, at, axis, channel, out);
  }
  return out;
}

double at_fraction(std::vector<double>& values, double fraction) {
  const auto nth = values.begin() + std::lround(fraction * static_cast<double>(values.size() - 1));
  std::ranges::nth_element(values, nth);
  return *nth;
}

}  // namespace

Result<std::vector<ChannelWindow>> measure_windows(const std::filesystem::path& root, const SourceInfo& source,
                                                   const Pyramid& pyramid, const std::vector<ValueRange>& ranges) {
  ND_ASSIGN(const std::shared_ptr<const image::Store> store, image::FileStore::open(root));
  ND_ASSIGN(const std::shared_ptr<const image::ZarrArray> array,
            image::open_array(store, std::to_string(pyramid.levels.size() - 1)));
  const auto axis = channel_axis(source);
  std::vector<ChannelWindow> out;
  for (std::size_t channel = 0; channel < ranges.size() && channel < limits::kLayers; ++channel) {
    ChannelWindow window;
    if (!ranges[channel].empty()) {
      window.min = ranges[channel].min;
      window.max = ranges[channel].max;
    }
    ND_ASSIGN(std::vector<double> sample, sample_channel(*array, axis, static_cast<std::int64_t>(channel)));
    window.start = window.min;
    window.end = window.max;
    if (!sample.empty()) {
      window.start = std::clamp(at_fraction(sample, kTail), window.min, window.max);
      window.end = std::clamp(at_fraction(sample, 1 - kTail), window.min, window.max);
    }
    if (!(window.end > window.start)) {
      window.start = window.min;
      window.end = window.max > window.min ? window.max : window.min + 1;
    }
    out.push_back(window);
  }
  return out;
}

}  // namespace ndcast::convert
