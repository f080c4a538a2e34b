#pragma once
// One level's array on disk: boxes of voxels in, chunks encoded, shards appended to and closed when their last chunk is
// in. Memory is the shards' indices; a shard's chunks are in its file (NAME.part until it is complete).
//
//   LevelWriter writer(root, source, pyramid, 0, encoding, log);
//   ND_TRY(writer.put(start, extent, voxels, scratch));

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "convert/import_log.h"
#include "convert/zarr_metadata_text.h"

namespace ndcast::convert {

/// Buffers of one thread, kept from chunk to chunk.
struct EncodeScratch {
  std::vector<std::byte> chunk;
  std::vector<std::byte> encoded;
};

/// put() may be called from any thread, for different boxes.
class LevelWriter {
 public:
  struct Place {
    std::filesystem::path root;
    std::size_t level = 0;
  };

  LevelWriter(Place place, const SourceInfo& source, const Pyramid& pyramid, const Encoding& encoding, ImportLog& log);
  ~LevelWriter();

  /// A box that starts at a chunk's border and ends at one or at the array's. Voxels: dense, native endian. Chunks of
  /// which every byte is 0 are not stored; objects that are finished already stay as they are. Errors: Io.
  Result<void> put(const Shape& start, const Shape& extent, const std::byte* voxels, EncodeScratch& scratch);

  /// True when every object that holds part of the box was finished, now or before.
  bool is_finished(const Shape& start, const Shape& extent) const;
  /// Of the log of an import that goes on.
  void mark_finished(const FinishedObject& object);
  /// Of the voxels put since it was made, by channel; level 0 only.
  std::vector<ValueRange> ranges() const;
  std::uint64_t bytes_written() const { return bytes_written_; }

 private:
  struct Shard;

  std::shared_ptr<Shard> shard_of(std::uint64_t object);
  Result<void> put_chunk(const Shape& chunk, const Shape& start, const Shape& extent, const std::byte* voxels,
                         EncodeScratch& scratch);
  Result<void> store(Shard& shard, std::size_t inner, std::span<const std::byte> encoded);
  Result<void> finish(Shard& shard);
  std::filesystem::path path_of(const Shard& shard) const;
  std::span<const std::byte> encode(std::span<const std::byte> chunk, EncodeScratch& scratch) const;

  const Place place_;
  const SourceInfo& source_;
  const PyramidLevel& level_;
  const Encoding encoding_;
  ImportLog& log_;
  Shape chunk_grid_;  ///< chunks of the array
  Shape shard_grid_;  ///< objects of the array
  Shape chunks_per_shard_;
  bool sharded_ = false;
  std::uint64_t objects_ = 0;
  mutable std::mutex mutex_;
  std::unordered_map<std::uint64_t, std::shared_ptr<Shard>> open_;  ///< begun, by object; guarded by mutex_
  std::vector<bool> finished_;                                      ///< guarded by mutex_
  std::vector<ValueRange> ranges_;                                  ///< guarded by mutex_
  std::atomic<std::uint64_t> bytes_written_{0};
};

}  // namespace ndcast::convert
