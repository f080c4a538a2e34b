#include "room/layer_histogram.h"

#include <algorithm>

namespace ndcast::room {
namespace {

/// The query's region in voxels of a level.
image::VoxelBox region_at(const LayerPlace& place, const session::HistogramQuery& query, int level) {
  const image::Image& image = *place.image;
  const auto shape = image.levels[static_cast<std::size_t>(level)].array->shape();
  image::VoxelBox box{.begin = std::vector<std::int64_t>(shape.size(), 0), .end = {shape.begin(), shape.end()}};
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
    // As what is drawn of such a level (plan::fixed_position).
    const std::int64_t channel = std::min(place.axes.channel, place.array(level).shape()[axis] - 1);
    box.begin[axis] = channel;
    box.end[axis] = channel + 1;
  }
  return box;
}

/// As a double: a declared shape may have more voxels than 64 bits count.
double bytes_of(const image::ZarrArray& array, const image::VoxelBox& box) {
  auto bytes = static_cast<double>(byte_size(array.dtype()));
  for (std::size_t i = 0; i < box.begin.size(); ++i) bytes *= static_cast<double>(box.end[i] - box.begin[i]);
  return bytes;
}

}  // namespace

Result<session::LayerHistogram> count_layer(const LayerPlace& place, const session::HistogramQuery& query,
                                            const CountEffort& effort) {
  const auto fits = [&](int level) {
    return bytes_of(place.array(level), region_at(place, query, level)) <= static_cast<double>(effort.at_most_bytes);
  };
  const int level = finest_level(place, fits);
  const image::ZarrArray& array = place.array(level);
  image::HistogramRequest request{.box = region_at(place, query, level)};
  request.bins = query.bins;
  request.on_progress = effort.on_progress;
  // What fits as a region is looked at whole, though its chunks may hold more.
  if (!fits(level)) request.at_most_bytes = effort.at_most_bytes;
  image::ChunkSource source;
  if (effort.loader) source = chunks_of(place, level, *effort.loader);
  ND_ASSIGN(const image::Histogram seen, count_values(array, request, source));
  session::LayerHistogram out{.level = level,
                              .levels = place.levels(),
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
