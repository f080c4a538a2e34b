#pragma once
// A layer as its voxels are looked up: its image, and how that lies in the world.

#include <memory>
#include <optional>
#include <string>

#include "image/chunk_loader.h"
#include "image/image.h"
#include "image/read_region.h"
#include "plan/layer_axes.h"
#include "scene/register.h"
#include "scene/types.h"

namespace ndcast::room {

struct LayerPlace {
  std::shared_ptr<const image::Image> image;
  plan::LayerAxes axes;
  scene::AxesSpec scene_axes;

  const image::ZarrArray& array(int level) const { return *image->levels[static_cast<std::size_t>(level)].array; }
  int levels() const { return static_cast<int>(image->levels.size()); }
  /// False where a level has fewer channels than the finest, as a damaged image's may.
  bool has_channel(int level) const {
    return !axes.channel_axis || axes.channel < array(level).shape()[static_cast<std::size_t>(*axes.channel_axis)];
  }
};

struct PlacedLayer {
  scene::LayerId id;
  std::string name;  ///< for people
  LayerPlace place;
};

/// The finest level that `fits(level)`, else the coarsest.
template <class Fits>
int finest_level(const LayerPlace& place, Fits&& fits) {
  int level = 0;
  while (level + 1 < place.levels() && !fits(level)) ++level;
  return level;
}

/// Chunks of a level through the loader's cache. `place` and `loader` must outlive it.
image::ChunkSource chunks_of(const LayerPlace& place, int level, image::ChunkLoader& loader);

/// Whether a world position along an axis is inside the image: voxel i covers [i − ½, i + ½).
bool covers(const plan::LatticeAxis& axis, double world);

}  // namespace ndcast::room
