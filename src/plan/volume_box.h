#pragma once
// Which voxels of a level a 3D view has in its picture. Pure: pose and lattice in, index ranges out; what roi.h is to
// slices.
//
//   const VolumeBox visible = visible_box(lattice, pose, canvas);
//   const VolumeBox held = next_box(lattice, visible, previous);   // chunk-aligned; moves only when it must

#include <array>
#include <cstdint>
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

/// The smallest box of voxels around what a perspective or orthographic camera of `pose` sees on `canvas`, with those
/// that interpolation and shading at its border read; empty when the view misses the volume.
VolumeBox visible_box(const VolumeLattice& lattice, const scene::VolumePose& pose, const scene::Canvas& canvas);

/// The chunk-aligned box to hold for `visible`: an eighth of its sides larger in each direction, so that small
/// movements ask for nothing. The previous one stays while it covers what is visible and is at most kBoxSlack times as
/// large as needed.
VolumeBox next_box(const VolumeLattice& lattice, const VolumeBox& visible, const std::optional<VolumeBox>& previous);
inline constexpr std::int64_t kBoxSlack = 4;

}  // namespace ndcast::plan
