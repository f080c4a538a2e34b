#include "room/layer_profile.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/reading_limits.h"
#include "image/read_voxels.h"
#include "room/layer_probe.h"
#include "room/voxel_value.h"

namespace ndcast::room {
namespace {

using Voxel = std::vector<std::int64_t>;

std::vector<double> place_on(const session::ProfileQuery& query, std::size_t i, std::size_t samples) {
  const double part = static_cast<double>(i) / static_cast<double>(samples - 1);
  std::vector<double> world(query.from.size());
  for (std::size_t axis = 0; axis < world.size(); ++axis) {
    world[axis] = std::lerp(query.from[axis], query.to[axis], part);
  }
  return world;
}

/// The line's length in voxels of a level.
double voxels_along(const LayerPlace& place, int level, const session::ProfileQuery& query) {
  double squares = 0;
  for (std::size_t i = 0; i < query.from.size(); ++i) {
    const plan::LatticeAxis axis = lattice_axis(*place.image, level, place.axes, place.scene_axes, static_cast<int>(i));
    if (axis.image_axis >= 0) squares += std::pow((query.to[i] - query.from[i]) / axis.step, 2);
  }
  return std::sqrt(squares);
}

/// So many places that no two are further apart than a voxel of the level.
std::size_t samples_for(double voxels, std::size_t at_most) {
  // From centre to centre are whole numbers of voxels, whose quotients are not quite whole.
  constexpr double kSlack = 1e-6;
  return static_cast<std::size_t>(std::clamp(std::ceil(voxels - kSlack) + 1, 2.0, static_cast<double>(at_most)));
}

/// Decoded bytes of the chunks that the line goes through.
double chunk_bytes_along(const LayerPlace& place, int level, const session::ProfileQuery& query, std::size_t at_most) {
  const image::ZarrArray& array = place.array(level);
  const std::size_t samples = samples_for(voxels_along(place, level, query), at_most);
  std::set<Voxel> chunks;
  for (std::size_t i = 0; i < samples; ++i) {
    auto voxel = voxel_at(place, level, place_on(query, i, samples));
    if (!voxel) continue;
    for (std::size_t axis = 0; axis < voxel->size(); ++axis) (*voxel)[axis] /= array.chunk_shape()[axis];
    chunks.insert(*std::move(voxel));
  }
  return static_cast<double>(chunks.size()) * static_cast<double>(array.chunk_bytes());
}

Result<session::LayerProfile> profile_layer(const PlacedLayer& layer, int level, const session::ProfileQuery& query,
                                            std::size_t samples, image::ChunkLoader& loader) {
  const image::ZarrArray& array = layer.place.array(level);
  session::LayerProfile out{.layer = layer.id, .level = level, .levels = layer.place.levels(), .values = {}};
  std::vector<Voxel> voxels;
  std::vector<std::size_t> sample_of;
  for (std::size_t i = 0; i < samples; ++i) {
    auto voxel = voxel_at(layer.place, level, place_on(query, i, samples));
    if (!voxel) continue;
    voxels.push_back(*std::move(voxel));
    sample_of.push_back(i);
  }
  ND_ASSIGN(const image::Voxels seen, read_voxels(array, voxels, chunks_of(layer.place, level, loader)));
  out.values.resize(samples);
  const std::size_t item = image::byte_size(array.dtype());
  for (std::size_t n = 0; n < voxels.size(); ++n) {
    if (seen.read[n]) out.values[sample_of[n]] = voxel_value(array.dtype(), seen.bytes.data() + n * item);
  }
  return out;
}

/// Length of the line, and the unit if its axes agree on one.
void measure(const session::ProfileQuery& query, const scene::AxesSpec& axes, session::Profile& out) {
  double length = 0;
  bool agree = true;
  std::optional<std::string> unit;
  for (std::size_t i = 0; i < query.from.size(); ++i) {
    if (query.from[i] == query.to[i]) continue;
    length = std::hypot(length, query.to[i] - query.from[i]);
    agree = agree && (!unit || *unit == axes.axes[i].unit);
    unit = axes.axes[i].unit;
  }
  out.length = length;
  if (agree && unit) out.unit = *unit;
}

}  // namespace

Result<session::Profile> profile_layers(const std::vector<PlacedLayer>& layers, const session::ProfileQuery& query,
                                        image::ChunkLoader& loader) {
  session::Profile out{.samples = 2};
  if (layers.empty()) return out;
  measure(query, layers.front().place.scene_axes, out);
  const std::size_t at_most =
      std::max<std::size_t>(std::min(limits::kProfileSamples, limits::kProfileValues / layers.size()), 2);
  const double bytes = static_cast<double>(limits::kReadingBytes) / static_cast<double>(layers.size());
  std::vector<int> levels;
  for (const PlacedLayer& layer : layers) {
    const auto affordable = [&](int level) {
      const double needed = chunk_bytes_along(layer.place, level, query, at_most);
      return needed <= std::max(bytes, static_cast<double>(layer.place.array(level).chunk_bytes()));
    };
    const int level = finest_level(layer.place, [&](int candidate) {
      return voxels_along(layer.place, candidate, query) < static_cast<double>(at_most) && affordable(candidate);
    });
    if (!affordable(level)) {
      return fail(ErrorCode::Invalid, "of \"{}\" the line goes through more than {} MiB: expected a shorter one",
                  layer.name, limits::kReadingBytes / layers.size() >> 20);
    }
    levels.push_back(level);
    out.samples = std::max(out.samples, samples_for(voxels_along(layer.place, level, query), at_most));
  }
  for (std::size_t i = 0; i < layers.size(); ++i) {
    ND_ASSIGN(session::LayerProfile seen, profile_layer(layers[i], levels[i], query, out.samples, loader));
    out.layers.push_back(std::move(seen));
  }
  return out;
}

}  // namespace ndcast::room
