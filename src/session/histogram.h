#pragma once
// What nd.histogram and nd.contrast.auto ask of a room, and what it answers (protocol.md WP36).

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/json.h"
#include "scene/register.h"

namespace ndcast::session {

struct HistogramQuery {
  scene::LayerId layer;
  std::uint64_t bins = 256;
  std::vector<double> percentiles;  ///< 0 … 100 each
  /// By axis label, steps of level 0, end exclusive; other axes whole.
  std::map<std::string, std::array<std::int64_t, 2>> region;
};

/// A layer's values, counted on one of its levels; see image::Histogram for what the bins hold.
struct LayerHistogram {
  int level = 0;
  int levels = 1;  ///< of the image
  std::array<double, 2> extremes{0, 0};
  double first = 0;
  double width = 1;
  std::vector<std::uint64_t> counts;
  std::vector<double> percentiles;  ///< data units, one for each that was asked for
  std::uint64_t voxels = 0;
  std::uint64_t not_finite = 0;
  bool sampled = false;
  std::uint64_t server_seq = 0;  ///< of the state whose layer it is
};

/// Every voxel of the layer's region was looked at.
bool is_exact(const LayerHistogram& histogram);
Json to_payload(const HistogramQuery& query, const LayerHistogram& histogram);

}  // namespace ndcast::session
