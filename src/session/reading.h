#pragma once
// What nd.profile and nd.region ask of a room, and what it answers (protocol.md WP41, WP42).

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "scene/register.h"

namespace ndcast::session {

/// A straight line through the world.
struct ProfileQuery {
  /// One coordinate a scene axis each; not the same place.
  std::vector<double> from;
  std::vector<double> to;
  std::optional<scene::LayerId> layer;  ///< nothing: the visible ones
};

struct LayerProfile {
  scene::LayerId layer;
  int level = 0;
  int levels = 1;  ///< of the image
  /// One a sample, as the file has them (see LayerProbe::value); null outside of the image and where it is unreadable.
  Json::Array values;
};

struct Profile {
  double length = 0;                 ///< world units, over all axes along which the line runs
  std::string unit;                  ///< of the length; empty when those axes have none, or different ones
  std::size_t samples = 0;           ///< evenly spaced, the first at `from`, the last at `to`
  std::vector<LayerProfile> layers;  ///< topmost first
  std::uint64_t server_seq = 0;      ///< of the state whose layers they are
};

/// A box of the world whose sides run along the axes.
struct RegionQuery {
  /// Low and high end, one pair a scene axis; the same twice: the voxels that cover the place.
  std::vector<std::array<double, 2>> world;
  std::optional<scene::LayerId> layer;  ///< nothing: the visible ones
};

struct LayerRegion {
  scene::LayerId layer;
  int level = 0;
  int levels = 1;  ///< of the image
  /// The box in voxels of the level, by the image's axes, end exclusive; empty outside of the image.
  std::vector<std::int64_t> begin;
  std::vector<std::int64_t> end;
  /// World units of all voxels of the box, along the axes that the query gives a range: an area, a volume.
  double size = 0;
  std::uint64_t voxels = 0;      ///< looked at
  std::uint64_t not_finite = 0;  ///< of them; left out of all that follows
  bool sampled = false;          ///< not all voxels of the box were looked at
  /// NaN when no voxel is finite.
  double min = 0;
  double max = 0;
  double mean = 0;
  double deviation = 0;
  double sum = 0;
};

struct Region {
  std::vector<LayerRegion> layers;  ///< topmost first
  std::uint64_t server_seq = 0;     ///< of the state whose layers they are
};

}  // namespace ndcast::session
