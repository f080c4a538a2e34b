#include "room/layer_region.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "image/box_stats.h"

namespace ndcast::room {
namespace {

using Range = std::array<double, 2>;

/// The voxels whose centres lie in the range or, when there is none, the one that covers its middle; empty outside.
plan::Span voxels_in(const plan::LatticeAxis& axis, const Range& range) {
  // Corners are mostly whole numbers of voxels, whose quotients are not quite whole.
  constexpr double kSlack = 1e-6;
  const auto [low, high] = std::minmax({(range[0] - axis.origin) / axis.step, (range[1] - axis.origin) / axis.step});
  const double first = std::ceil(low - kSlack);
  const double last = std::floor(high + kSlack);
  if (first > last) {
    const double middle = std::midpoint(range[0], range[1]);
    if (!covers(axis, middle)) return {};
    const std::int64_t voxel = nearest_voxel(axis, middle);
    return {voxel, voxel + 1};
  }
  const auto end = static_cast<double>(axis.size);
  if (first >= end || last < 0) return {};
  return {static_cast<std::int64_t>(std::max(first, 0.0)), static_cast<std::int64_t>(std::min(last + 1, end))};
}

struct Box {
  image::VoxelBox voxels;
  double size = 1;  ///< world units, along the axes with a range
};

/// Nothing outside of the image.
std::optional<Box> box_at(const LayerPlace& place, int level, const session::RegionQuery& query) {
  const std::size_t ndim = place.array(level).shape().size();
  Box box{.voxels = {std::vector<std::int64_t>(ndim, 0), std::vector<std::int64_t>(ndim, 1)}};
  for (std::size_t i = 0; i < place.axes.image_axis.size() && i < query.world.size(); ++i) {
    const plan::LatticeAxis axis = lattice_axis(*place.image, level, place.axes, place.scene_axes, static_cast<int>(i));
    if (axis.image_axis < 0) continue;
    const plan::Span voxels = voxels_in(axis, query.world[i]);
    if (voxels.empty()) return std::nullopt;
    box.voxels.begin[static_cast<std::size_t>(axis.image_axis)] = voxels.start;
    box.voxels.end[static_cast<std::size_t>(axis.image_axis)] = voxels.stop;
    if (query.world[i][0] != query.world[i][1]) {
      box.size *= static_cast<double>(voxels.size()) * std::abs(axis.step);
    }
  }
  if (!place.has_channel(level)) return std::nullopt;
  if (place.axes.channel_axis) {
    const auto axis = static_cast<std::size_t>(*place.axes.channel_axis);
    box.voxels.begin[axis] = place.axes.channel;
    box.voxels.end[axis] = place.axes.channel + 1;
  }
  return box;
}

}  // namespace

Result<session::LayerRegion> summarise_layer(const PlacedLayer& layer, const session::RegionQuery& query,
                                             std::uint64_t at_most_bytes, image::ChunkLoader& loader) {
  const LayerPlace& place = layer.place;
  const int level = finest_level(place, [&](int candidate) {
    const auto box = box_at(place, candidate, query);
    return !box || chunk_bytes_of(place.array(candidate), box->voxels) <= static_cast<double>(at_most_bytes);
  });
  session::LayerRegion out{.layer = layer.id, .level = level, .levels = place.levels()};
  const auto box = box_at(place, level, query);
  image::BoxStats seen;
  if (box) {
    ND_ASSIGN(seen, summarise(place.array(level), box->voxels, chunks_of(place, level, loader), at_most_bytes));
    out.begin = box->voxels.begin;
    out.end = box->voxels.end;
    out.size = box->size;
  }
  out.voxels = seen.voxels;
  out.not_finite = seen.not_finite;
  out.sampled = seen.sampled;
  out.min = seen.min;
  out.max = seen.max;
  out.mean = seen.mean;
  out.deviation = seen.deviation;
  out.sum = seen.sum;
  return out;
}

}  // namespace ndcast::room
