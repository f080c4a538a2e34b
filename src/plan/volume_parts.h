#pragma once
// What a 3D view holds of one layer's pyramid: the wanted level as a whole where that fits in memory, else the part of
// it about the camera's centre within a coarser whole, with levels in between where there are many. Pure.
//
//   const std::vector<VolumePart> parts = volume_parts(pyramid, level, {pose, canvas, layers}, held);

#include <cstdint>
#include <span>
#include <vector>

#include "plan/volume_box.h"

namespace ndcast::plan {

/// A level of the pyramid, along the displayed axes.
struct VolumeGrid {
  VolumeLattice lattice;
  std::int64_t voxel_bytes = 1;
};

struct VolumePart {
  int level = 0;
  VolumeBox box;
  friend bool operator==(const VolumePart&, const VolumePart&) = default;
};

/// Where the view looks, and how many layers share its memory.
struct VolumeLook {
  scene::VolumePose pose;
  scene::Canvas canvas;
  int layers = 1;
};

/// Parts of a layer at most.
inline constexpr std::size_t kMostParts = 4;

/// What a part that is shown may be larger than one that would be chosen, so that an orbit does not flutter.
inline constexpr double kHeldBonus = 1.25;

/// The finest first; each but the last is a box about the camera's centre, the last the whole of a level or, when no
/// level fits as a whole, such a box too. `held` stays where it still serves. Empty when neither the whole of `level`
/// nor a part of use fits, which is so only where voxels_held() says that nothing of it can be held.
std::vector<VolumePart> volume_parts(std::span<const VolumeGrid> pyramid, int level, const VolumeLook& look,
                                     std::span<const VolumePart> held);

/// Voxels of the first part when `level` is asked for; INT64_MAX when there is none.
std::int64_t voxels_held(const VolumeGrid& grid, const VolumeLook& look, bool is_held);

}  // namespace ndcast::plan
