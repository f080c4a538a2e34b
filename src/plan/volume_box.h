#pragma once
// Which voxels of a level a 3D view has in its picture. Pure: pose and lattice in, index ranges out; what roi.h is to
// slices.
//
//   const VolumeBox visible = visible_box(lattice, pose, canvas);
//   const VolumeBox held = next_box(lattice, visible, visible, previous);   // chunk-aligned; moves only when it must
//   const Focus focus = focus_of(lattice, pose, canvas, most_voxels);       // of what is too large, the middle

#include <array>
#include <cstdint>
#include <limits>
#include <optional>

#include "plan/layer_axes.h"
#include "plan/span.h"
#include "scene/types.h"

namespace ndcast::plan {

/// Index ranges along the displayed axes, slowest first: z, y, x.
using VolumeBox = std::array<Span, 3>;
/// The same axes of one level.
using VolumeLattice = std::array<LatticeAxis, 3>;

/// Saturates.
std::int64_t voxels_of(const VolumeBox& box);
bool covers(const VolumeBox& box, const VolumeBox& other);
VolumeBox whole_box(const VolumeLattice& lattice);

/// The smallest box of voxels around what a perspective or orthographic camera of `pose` sees on `canvas` no further
/// than `half_depth` world units in front of and behind its centre, with those that interpolation and shading at its
/// border read; empty when the view misses the volume.
VolumeBox visible_box(const VolumeLattice& lattice, const scene::VolumePose& pose, const scene::Canvas& canvas,
                      double half_depth = std::numeric_limits<double>::infinity());

/// The chunk-aligned box to hold for `wanted`: about an eighth of its sides larger in each direction, so that small
/// movements ask for nothing. The previous one stays while it covers what is `needed` (`wanted` or less) and is at most
/// kBoxSlack times as large as that.
VolumeBox next_box(const VolumeLattice& lattice, const VolumeBox& wanted, const VolumeBox& needed,
                   const std::optional<VolumeBox>& previous);
inline constexpr std::int64_t kBoxSlack = 4;

/// Of a level that is too large for what is seen of it, the part about the camera's centre: what the eye rests on and
/// an orbit turns about.
struct Focus {
  VolumeBox wanted;  ///< empty when no part of use is small enough
  VolumeBox needed;  ///< what a box that is held must cover to stay
};

/// The deepest part about the centre that next_box() makes no larger than `most_voxels`, over the picture's whole width
/// and height. Of use is one that reaches at least kLeastFocus times the picture's height at the centre to either side,
/// or all that is seen.
Focus focus_of(const VolumeLattice& lattice, const scene::VolumePose& pose, const scene::Canvas& canvas,
               std::int64_t most_voxels);
inline constexpr double kLeastFocus = 0.25;

}  // namespace ndcast::plan
