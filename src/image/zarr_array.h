#pragma once
// One zarr array (v2 or v3, sharded or not), opened: its shape and type, and its chunks decoded on demand. Levels of an
// image are such arrays; the chunk loader calls read_chunk() on its threads.
//
//   ND_ASSIGN(const std::shared_ptr<const ZarrArray> array, open_array(store, "0"));
//   ND_ASSIGN(const ChunkPtr chunk, array->read_chunk({{0, 3, 1}}));

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <semaphore>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "image/dtype.h"
#include "image/store.h"

namespace ndcast::image {

/// The voxels of one chunk in C order and native endianness, always the full chunk shape: an edge chunk holds undefined
/// voxels past the array's shape. A chunk that is not stored is `is_fill`: `data` is empty, each voxel the fill value.
struct DecodedChunk {
  Bytes data;
  bool is_fill = false;
};
using ChunkPtr = std::shared_ptr<const DecodedChunk>;

/// What a read took from the store, added up over calls.
struct ReadCost {
  std::uint64_t bytes_read = 0;  ///< stored bytes, shard indices included
};

/// How a read goes about it.
struct ReadOptions {
  std::stop_token stop;  ///< a read that waits for a network ends early with Cancelled
  /// Taken while decoding, not while waiting for a store: so many reads may wait, and few decode at once. Null: no
  /// limit.
  std::counting_semaphore<>* decoders = nullptr;
};

class ChunkReader;
struct ArrayMetadata;

/// Immutable; every member may be called from any thread at once. Axis order is the array's own, slowest first.
class ZarrArray {
 public:
  /// Use open_array().
  ZarrArray(std::shared_ptr<const Store> store, std::string path, std::unique_ptr<const ArrayMetadata> metadata,
            std::vector<std::string> warnings);
  ~ZarrArray();
  ZarrArray(const ZarrArray&) = delete;
  ZarrArray& operator=(const ZarrArray&) = delete;

  /// Unique in the process, never reused: the key of caches.
  std::uint64_t id() const { return id_; }
  /// Key inside the store; empty for an array at the root.
  const std::string& path() const { return path_; }
  std::span<const std::int64_t> shape() const;
  /// What read_chunk() decodes: the inner chunk of a sharded array. Every extent is at least 1.
  std::span<const std::int64_t> chunk_shape() const;
  /// ceil(shape / chunk_shape).
  std::span<const std::int64_t> grid_shape() const { return grid_shape_; }
  int ndim() const { return static_cast<int>(grid_shape_.size()); }
  DType dtype() const;
  double fill_value() const;
  /// One element, native endian.
  const std::vector<std::byte>& fill_bytes() const;
  /// What one stored object holds: chunk_shape(), or the shard of a sharded array.
  std::span<const std::int64_t> object_shape() const;
  /// As the metadata names them, array → bytes, inner codecs of a shard in place: {"transpose", "bytes", "zstd"}.
  std::vector<std::string> codec_names() const;
  /// 2 or 3.
  int zarr_format() const;
  /// Per axis, from v3's dimension_names or xarray's _ARRAY_DIMENSIONS; an unnamed one is "". Empty when none is named.
  const std::vector<std::string>& dimension_names() const;
  /// What was odd and how it was taken, for people; mostly empty.
  const std::vector<std::string>& warnings() const { return warnings_; }
  /// User attributes (v3 "attributes", v2 ".zattrs"); an object.
  const Json& attributes() const;
  /// Of one decoded chunk; at most limits::kChunkBytes.
  std::size_t chunk_bytes() const;

  /// Decodes the chunk at a grid position; blocks. Errors: Invalid (position outside the grid), Io, Corrupt,
  /// Unsupported, Limit, Cancelled; messages name the chunk's key. What is not stored is a fill chunk, not an error. A
  /// shard that is rewritten meanwhile is read anew: a chunk is of one generation of it.
  Result<ChunkPtr> read_chunk(std::span<const std::int64_t> chunk, ReadCost* cost = nullptr,
                              const ReadOptions& options = {}) const;
  /// Several chunks of one object (object_index()), in their order: those that lie near each other in a shard come in
  /// one read.
  std::vector<Result<ChunkPtr>> read_chunks(std::span<const std::vector<std::int64_t>> chunks, ReadCost* cost = nullptr,
                                            const ReadOptions& options = {}) const;
  /// The stored object (the shard, for sharded arrays) that holds a chunk, as its C-order number in the grid of
  /// objects; `chunk` must lie inside the grid.
  std::int64_t object_index(std::span<const std::int64_t> chunk) const;
  /// Store::concurrency() of the array's store.
  std::size_t concurrency() const;
  /// True when the object that would hold this chunk (the shard, for sharded arrays) is there; costs no decoding.
  Result<bool> chunk_stored(std::span<const std::int64_t> chunk) const;

 private:
  Result<void> check_position(std::span<const std::int64_t> chunk) const;

  std::uint64_t id_;
  std::string path_;
  std::unique_ptr<const ArrayMetadata> metadata_;
  std::vector<std::int64_t> grid_shape_;
  std::vector<std::string> warnings_;
  std::unique_ptr<const ChunkReader> reader_;
};

/// `path` is the key of the array's group-relative folder, "" for the store's root. Sniffs v3 (zarr.json), then v2
/// (.zarray). Errors: NotFound (neither is there), Invalid (a field, named with what was found and expected),
/// Unsupported (a codec, dtype or extension, by name), Limit.
Result<std::shared_ptr<const ZarrArray>> open_array(std::shared_ptr<const Store> store, std::string path);

/// C-order linear index of a grid position; `chunk` must lie inside `grid`.
std::int64_t linear_index(std::span<const std::int64_t> grid, std::span<const std::int64_t> chunk);

}  // namespace ndcast::image
