#pragma once
// What the levels of an imported image will be: shapes, chunks, shards, scales. Pure.
//
//   ND_ASSIGN(const Pyramid pyramid, plan_pyramid(source.info(), {}));

#include <vector>

#include "convert/source.h"

namespace ndcast::convert {

struct PyramidOptions {
  Shape chunk;  ///< one number an axis; empty: chosen
  Shape shard;  ///< a multiple of `chunk`; empty: chosen
  bool sharded = true;
  std::int64_t stop = 256;  ///< no axis of space longer than this in the coarsest level
  bool levels = true;       ///< false: level 0 only
};

struct PyramidLevel {
  Shape shape;
  Shape chunk;
  Shape shard;   ///< a multiple of chunk; equal to it when not sharded
  Shape factor;  ///< voxels of the level above for one of this, per axis: 1 or 2; 1 for level 0
  /// What the importer works on: a multiple of the chunk such that no block that is averaged crosses its border.
  Shape cell;
  std::vector<double> scale;
  std::vector<double> translation;
};

struct Pyramid {
  std::vector<PyramidLevel> levels;  ///< finest first
};

/// Axes of space are halved until none is longer than `stop`; one that is coarser than the finest by more than √2 waits
/// for the others, so that voxels become cubes, and one of few planes stays. Chunks are 64³ or 512² and shards of them
/// up to 64 MiB unless given. Errors: Invalid (numbers that do not fit the axes), Limit (a chunk above
/// limits::kChunkBytes).
Result<Pyramid> plan_pyramid(const SourceInfo& info, const PyramidOptions& options);

/// ceil(a / b), a ≥ 0, b ≥ 1.
constexpr std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

}  // namespace ndcast::convert
