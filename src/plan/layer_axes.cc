#include "plan/layer_axes.h"

#include <algorithm>
#include <cmath>

#include "plan/canonical_pose.h"

namespace ndcast::plan {

LayerAxes layer_axes(const image::Image& image, std::optional<int> channel, int scene_ndim) {
  LayerAxes axes;
  if (channel) axes.channel_axis = image.axis_of(image::AxisType::Channel);
  if (axes.channel_axis) axes.channel = *channel;
  std::vector<int> free_axes;
  for (int axis = 0; axis < image.ndim(); ++axis) {
    if (axis != axes.channel_axis) free_axes.push_back(axis);
  }
  axes.image_axis.assign(static_cast<std::size_t>(std::max(scene_ndim, 0)), -1);
  const std::size_t shared = std::min(free_axes.size(), axes.image_axis.size());
  std::copy(free_axes.end() - static_cast<std::ptrdiff_t>(shared), free_axes.end(),
            axes.image_axis.end() - static_cast<std::ptrdiff_t>(shared));
  return axes;
}

namespace {

struct Placed {
  double origin;
  double step;
};

/// A level's lattice along one axis, moved and stretched as the layer wants it.
Placed place(const image::Image& image, const image::ImageLevel& from, const LayerAxes& axes, std::size_t image_axis,
             std::size_t scene_axis) {
  const image::ImageLevel& finest = image.levels.front();
  const double own = finest.scale[image_axis];
  const double factor = scene_axis < axes.scale.size() ? axes.scale[scene_axis] / own : 1.0;
  const double first = scene_axis < axes.translate.size() ? axes.translate[scene_axis] : finest.translation[image_axis];
  return {first + (from.translation[image_axis] - finest.translation[image_axis]) * factor,
          from.scale[image_axis] * factor};
}

}  // namespace

LatticeAxis lattice_axis(const image::Image& image, int level, const LayerAxes& axes, const scene::AxesSpec& scene_axes,
                         int scene_axis) {
  const int image_axis = axes.image_axis[static_cast<std::size_t>(scene_axis)];
  if (image_axis < 0) {
    const Extent extent = extent_of(scene_axes.axes[static_cast<std::size_t>(scene_axis)]);
    return {.image_axis = -1, .origin = extent.middle(), .step = extent.size()};
  }
  const auto i = static_cast<std::size_t>(image_axis);
  const image::ImageLevel& from = image.levels[static_cast<std::size_t>(level)];
  const Placed placed = place(image, from, axes, i, static_cast<std::size_t>(scene_axis));
  return {.image_axis = image_axis,
          .size = from.array->shape()[i],
          .chunk = from.array->chunk_shape()[i],
          .origin = placed.origin,
          .step = placed.step};
}

std::int64_t nearest_voxel(const LatticeAxis& axis, double world) {
  const double at = std::floor((world - axis.origin) / axis.step + 0.5);
  const auto last = static_cast<double>(std::max<std::int64_t>(axis.size - 1, 0));
  // Written so that a NaN, which only a broken transformation can give, is voxel 0.
  return at > 0.0 ? static_cast<std::int64_t>(std::min(at, last)) : 0;
}

std::vector<std::int64_t> fixed_position(const image::Image& image, int level, const LayerAxes& axes,
                                         const scene::AxesSpec& scene_axes, const std::vector<std::int64_t>& index) {
  std::vector<std::int64_t> position(static_cast<std::size_t>(image.ndim()), 0);
  for (std::size_t i = 0; i < axes.image_axis.size() && i < index.size(); ++i) {
    if (axes.image_axis[i] < 0) continue;
    const scene::Axis& axis = scene_axes.axes[i];
    const LatticeAxis lattice = lattice_axis(image, level, axes, scene_axes, static_cast<int>(i));
    position[static_cast<std::size_t>(axes.image_axis[i])] =
        nearest_voxel(lattice, axis.start + axis.step * static_cast<double>(index[i]));
  }
  if (axes.channel_axis) {
    const auto i = static_cast<std::size_t>(*axes.channel_axis);
    const std::int64_t channels = image.levels[static_cast<std::size_t>(level)].array->shape()[i];
    position[i] = std::clamp<std::int64_t>(axes.channel, 0, std::max<std::int64_t>(channels - 1, 0));
  }
  return position;
}

Span voxels_around(const LatticeAxis& axis, double world, double below, double above) {
  // Margins are mostly whole numbers of voxels, whose quotients are not quite whole.
  constexpr double kSlack = 1e-6;
  const double from = (world - below - axis.origin) / axis.step;
  const double to = (world + above - axis.origin) / axis.step;
  const auto last = static_cast<double>(std::max<std::int64_t>(axis.size - 1, 0));
  const double first_voxel = std::clamp(std::ceil(std::min(from, to) - kSlack), 0.0, last);
  const double last_voxel = std::clamp(std::floor(std::max(from, to) + kSlack), 0.0, last);
  const std::int64_t nearest = nearest_voxel(axis, world);
  return {std::min(static_cast<std::int64_t>(first_voxel), nearest),
          std::max(static_cast<std::int64_t>(last_voxel), nearest) + 1};
}

std::vector<Span> slab_ranges(const image::Image& image, int level, const LayerAxes& axes,
                              const scene::AxesSpec& scene_axes, const std::vector<std::int64_t>& index,
                              const Margins& margins) {
  std::vector<Span> ranges;
  for (const std::int64_t at : fixed_position(image, level, axes, scene_axes, index)) ranges.push_back({at, at + 1});
  for (std::size_t i = 0; i < axes.image_axis.size() && i < margins.below.size(); ++i) {
    if (axes.image_axis[i] < 0) continue;
    const scene::Axis& axis = scene_axes.axes[i];
    const double world = axis.start + axis.step * static_cast<double>(index[i]);
    ranges[static_cast<std::size_t>(axes.image_axis[i])] = voxels_around(
        lattice_axis(image, level, axes, scene_axes, static_cast<int>(i)), world, margins.below[i], margins.above[i]);
  }
  return ranges;
}

}  // namespace ndcast::plan
