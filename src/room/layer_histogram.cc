#include "room/layer_histogram.h"

#include <algorithm>

namespace ndcast::room {
namespace {

/// The query's region in voxels of a level.
image::HistogramRequest region_at(const LayerPlace& place, const session::HistogramQuery& query, int level) {
  const image::Image& image = *place.image;
  const auto shape = image.levels[static_cast<std::size_t>(level)].array->shape();
  image::HistogramRequest box{.begin = std::vector<std::int64_t>(shape.size(), 0), .end = {shape.begin(), shape.end()}};
  for (std::size_t i = 0; i < place.axes.image_axis.size(); ++i) {
    const scene::Axis& axis = place.scene_axes.axes[i];
    const auto wanted = query.region.find(axis.label);
    if (wanted == query.region.end()) continue;
    const plan::LatticeAxis lattice = lattice_axis(image, level, place.axes, place.scene_axes, static_cast<int>(i));
    if (lattice.image_axis < 0) continue;
    const auto voxel = [&](std::int64_t step) {
      return nearest_voxel(lattice, axis.start + axis.step * static_cast<double>(step));
    };
    const auto [low, high] = std::minmax({voxel(wanted->second[0]), voxel(wanted->second[1] - 1)});
    box.begin[static_cast<std::size_t>(lattice.image_axis)] = low;
    box.end[static_cast<std::size_t>(lattice.image_axis)] = high + 1;
  }
  if (place.axes.channel_axis) {
    const auto axis = static_cast<std::size_t>(*place.axes.channel_axis);
    box.begin[axis] = place.axes.channel;
    box.end[axis] = place.axes.channel + 1;
  }
  return box;
}

/// As a double: a declared shape may have more voxels than 64 bits count.
double bytes_of(const image::ZarrArray& array, const image::HistogramRequest& box) {
  auto bytes = static_cast<double>(byte_size(array.dtype()));
  for (std::size_t i = 0; i < box.begin.size(); ++i) bytes *= static_cast<double>(box.end[i] - box.begin[i]);
  return bytes;
}

}  // namespace

Result<session::LayerHistogram> count_layer(const LayerPlace& place, const session::HistogramQuery& query,
                                            const CountEffort& effort) {
  const image::Image& image = *place.image;
  const int levels = static_cast<int>(image.levels.size());
  int level = 0;
  image::HistogramRequest request = region_at(place, query, level);
  const auto fits = [&] {
    return bytes_of(*image.levels[static_cast<std::size_t>(level)].array, request) <=
           static_cast<double>(effort.at_most_bytes);
  };
  while (level + 1 < levels && !fits()) request = region_at(place, query, ++level);
  const image::ZarrArray& array = *image.levels[static_cast<std::size_t>(level)].array;
  request.bins = query.bins;
  request.on_progress = effort.on_progress;
  // What fits as a region is looked at whole, though its chunks may hold more.
  if (!fits()) request.at_most_bytes = effort.at_most_bytes;
  image::ChunkSource source;
  if (effort.loader)
    source = [&](std::span<const std::int64_t> chunk) { return effort.loader->load_now(array, chunk); };
  ND_ASSIGN(const image::Histogram seen, count_values(array, request, source));
  session::LayerHistogram out{.level = level,
                              .levels = levels,
                              .extremes = seen.extremes,
                              .first = seen.first,
                              .width = seen.width,
                              .counts = seen.counts,
                              .voxels = seen.voxels,
                              .not_finite = seen.not_finite,
                              .sampled = seen.sampled};
  for (const double percent : query.percentiles) out.percentiles.push_back(seen.percentile(percent));
  return out;
}

}  // namespace ndcast::room
