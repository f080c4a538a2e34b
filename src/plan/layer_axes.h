#pragma once
// How an image lies in the scene: which of its axes carries which axis of the scene, and where the voxels of a level
// lie along one of them. Pure; the ground that ROI, level choice and the render thread's voxel sources stand on.
//
//   const LayerAxes axes = layer_axes(image, meta.channel, scene_ndim);
//   const LatticeAxis x = lattice_axis(image, level, axes, scene_axes, view.displayed.back());
//   const std::vector<std::int64_t> at = fixed_position(image, level, axes, scene_axes, index);

#include <cstdint>
#include <optional>
#include <vector>

#include "image/image.h"
#include "plan/span.h"
#include "scene/types.h"

namespace ndcast::plan {

/// The scene's axes are the image's without a channel axis that was split into layers, matched from the last axis on:
/// an image of fewer axes has nothing along the scene's first ones (and looks the same all along them), one of more
/// shows position 0 of those left over.
struct LayerAxes {
  std::vector<int> image_axis;      ///< one a scene axis; −1: the image has no such axis
  std::optional<int> channel_axis;  ///< the image axis that `channel` counts along, if it was split
  std::int64_t channel = 0;
  /// World units of a voxel of level 0 and of its first voxel's centre, one a scene axis; empty: as the image says.
  /// Coarser levels follow, so that all keep lying over each other.
  std::vector<double> scale;
  std::vector<double> translate;
};
LayerAxes layer_axes(const image::Image& image, std::optional<int> channel, int scene_ndim);

/// The voxels of one level along one axis: voxel i has its centre at world origin + i·step and covers half a step to
/// each side.
struct LatticeAxis {
  int image_axis = -1;     ///< −1: the image has no such axis; one voxel spans the whole scene axis
  std::int64_t size = 1;   ///< voxels
  std::int64_t chunk = 1;  ///< voxels of a chunk
  double origin = 0;
  double step = 1;  ///< of either sign, never 0
};
LatticeAxis lattice_axis(const image::Image& image, int level, const LayerAxes& axes, const scene::AxesSpec& scene_axes,
                         int scene_axis);

/// The voxel of `axis` nearest to a world position, clamped to the axis; halves go to the higher index.
std::int64_t nearest_voxel(const LatticeAxis& axis, double world);

/// The voxel position in a level, one number an image axis, that scene index `index` (steps of level 0, one a scene
/// axis) looks at: the nearest voxel on each axis, the channel on a split channel axis.
std::vector<std::int64_t> fixed_position(const image::Image& image, int level, const LayerAxes& axes,
                                         const scene::AxesSpec& scene_axes, const std::vector<std::int64_t>& index);

/// The voxels of `axis` whose centres lie at most `below` under a world position and `above` over it, and the one that
/// is nearest to it.
Span voxels_around(const LatticeAxis& axis, double world, double below, double above);

/// World units around the index that a slice takes in, one a scene axis, at least 0; empty: none.
struct Margins {
  std::vector<double> below;
  std::vector<double> above;
  friend bool operator==(const Margins&, const Margins&) = default;
};

/// As fixed_position(), with what lies within the margins: one span an image axis, not empty.
std::vector<Span> slab_ranges(const image::Image& image, int level, const LayerAxes& axes,
                              const scene::AxesSpec& scene_axes, const std::vector<std::int64_t>& index,
                              const Margins& margins);

}  // namespace ndcast::plan
