#pragma once
// Limits of register values (protocol.md §4), each with its reason; beside limits.h.

#include <cstddef>

namespace ndcast::limits {

/// Steps a second of a playing slider: slower is a person's finger, faster than a screen shows nothing more.
inline constexpr double kPlayFpsMin = 0.1;
inline constexpr double kPlayFpsMax = 60;
/// Below, 720p is a blur; above, a local network is the limit.
inline constexpr double kBitrateMin = 250'000;
inline constexpr double kBitrateMax = 200'000'000;
/// A transfer function drawn by hand has a dozen stops.
inline constexpr std::size_t kOpacityStops = 64;
/// A cut-open box has six.
inline constexpr std::size_t kClipPlanes = 8;
/// A rim thicker than this hides what it is to frame.
inline constexpr double kContourMax = 64;
/// A voxel between an ångström in kilometres and a light year in nanometres; beyond, world arithmetic loses voxels.
inline constexpr double kScaleMin = 1e-12;
inline constexpr double kScaleMax = 1e12;

}  // namespace ndcast::limits
