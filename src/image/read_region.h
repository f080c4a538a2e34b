#pragma once
// A dense copy of a box of voxels: for tools, statistics, tests and small planes. What streams to a screen goes chunk
// by chunk through the loader instead.

#include <cstdint>
#include <functional>
#include <span>

#include "image/zarr_array.h"

namespace ndcast::image {

/// How read_region() gets a chunk: array.read_chunk() unless the caller has a cache.
using ChunkSource = std::function<Result<ChunkPtr>(std::span<const std::int64_t> chunk)>;

/// The box [start, start + shape) in C order, native endian, shape.size() == ndim. Blocks. Errors: Invalid (outside the
/// array), Limit (more than limits::kChunkBytes), those of read_chunk().
Result<Bytes> read_region(const ZarrArray& array, std::span<const std::int64_t> start,
                          std::span<const std::int64_t> shape, const ChunkSource& source = {});

}  // namespace ndcast::image
