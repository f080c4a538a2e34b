#pragma once
// Single voxels, wherever they lie: under a cursor, along a line.

#include <span>
#include <vector>

#include "image/read_region.h"

namespace ndcast::image {

struct Voxels {
  Bytes bytes;             ///< one element of the array's type a place, native endian
  std::vector<bool> read;  ///< one a place; false: its chunk does not decode
};

/// The voxels at `places` (each a number an axis of the array, inside it), in their order. Each chunk is asked for once
/// a stretch of places that lie in it. Blocks. Errors: those of the chunks when none decodes.
Result<Voxels> read_voxels(const ZarrArray& array, std::span<const std::vector<std::int64_t>> places,
                           const ChunkSource& source = {});

}  // namespace ndcast::image
