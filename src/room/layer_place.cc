#include "room/layer_place.h"

namespace ndcast::room {

image::ChunkSource chunks_of(const LayerPlace& place, int level, image::ChunkLoader& loader) {
  return [&array = place.array(level), &loader](std::span<const std::int64_t> chunk) {
    return loader.load_now(array, chunk);
  };
}

bool covers(const plan::LatticeAxis& axis, double world) {
  const double at = (world - axis.origin) / axis.step;
  return at >= -0.5 && at < static_cast<double>(axis.size) - 0.5;
}

}  // namespace ndcast::room
