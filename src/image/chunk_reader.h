#pragma once
// Finds and decodes one chunk of an array: an object of its own, or an inner chunk inside a shard (nested to any
// depth), of which only the index and the chunk's own byte range are read.

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "image/shard_index.h"
#include "image/zarr_array.h"
#include "image/zarr_metadata.h"

namespace ndcast::image {

/// Immutable but for the cache of shard indices; thread-safe.
class ChunkReader {
 public:
  /// `metadata` outlives this object.
  ChunkReader(std::shared_ptr<const Store> store, std::string path, const ArrayMetadata& metadata);

  /// `position` lies inside the grid of chunk_shape. Errors: Io, Corrupt, Limit; the message opens with the object's
  /// key.
  Result<ChunkPtr> read(std::span<const std::int64_t> position, ReadCost& cost, const ReadOptions& options) const;
  /// `positions` lie in one object.
  std::vector<Result<ChunkPtr>> read_together(std::span<const std::vector<std::int64_t>> positions, ReadCost& cost,
                                              const ReadOptions& options) const;
  std::size_t concurrency() const { return store_->concurrency(); }
  Result<bool> stored(std::span<const std::int64_t> position) const;

 private:
  class Source;
  struct Reading;
  struct Wanted;

  std::string object_of(std::span<const std::int64_t> position, std::vector<std::int64_t>& origin) const;
  Result<std::optional<Bytes>> read_chain(const CodecChain& chain, const Source& source,
                                          std::vector<std::int64_t> origin, Reading& reading) const;
  Result<std::optional<Bytes>> read_shard(const CodecChain& chain, const Source& source,
                                          std::vector<std::int64_t> origin, Reading& reading) const;
  Result<ShardIndexPtr> read_index(const Sharding& sharding, const Source& source, Reading& reading) const;
  void read_run(std::span<const Wanted> run, const Source& shard, const Version& version, Reading& reading,
                std::vector<std::optional<Result<ChunkPtr>>>& out) const;

  std::shared_ptr<const Store> store_;
  std::string path_;
  const ArrayMetadata& metadata_;
  std::unique_ptr<ShardIndexCache> indices_;
};

}  // namespace ndcast::image
