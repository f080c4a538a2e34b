#pragma once
// What nd.probe asks of a room, and what it answers (protocol.md WP39).

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"
#include "scene/register.h"

namespace ndcast::session {

/// Where to look: a position in the world, one coordinate a scene axis. Other layers than the visible ones are left
/// out.
struct ProbeQuery {
  std::vector<double> world;
};

struct LayerProbe {
  scene::LayerId layer;
  /// One an axis of its image, of the finest level; empty outside of the image.
  std::vector<std::int64_t> voxel;
  /// As it is in the file: a whole number or a floating one; "nan", "inf", "-inf"; null outside of the image.
  Json value;
  /// "#rrggbb" of the object that the voxel of a label image belongs to; empty for none, and of other layers.
  std::string color = {};
};

struct Probe {
  std::vector<LayerProbe> layers;  ///< visible ones, topmost first
  std::uint64_t server_seq = 0;    ///< of the state whose layers they are
};

}  // namespace ndcast::session
