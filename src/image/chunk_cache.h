#pragma once
// The process' cache of decoded chunks: least recently used goes first, measured in bytes.

#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <unordered_map>

#include "image/zarr_array.h"

namespace ndcast::image {

struct ChunkKey {
  std::uint64_t array = 0;  ///< ZarrArray::id()
  std::int64_t index = 0;   ///< C-order linear index in the grid
  friend bool operator==(const ChunkKey&, const ChunkKey&) = default;
};

struct ChunkKeyHash {
  std::size_t operator()(const ChunkKey& key) const noexcept;
};

/// Thread-safe. A chunk still held elsewhere stays alive after it is evicted here.
class ChunkCache {
 public:
  /// What an entry costs besides its voxels; all that a fill chunk costs.
  static constexpr std::size_t kEntryBytes = 64;

  explicit ChunkCache(std::size_t budget_bytes) : budget_(budget_bytes) {}

  /// The chunk, now the most recently used, or null.
  ChunkPtr find(ChunkKey key);
  /// Marks a chunk as recently used without counting a hit or a miss; false when it is not there.
  bool touch(ChunkKey key);
  /// Replaces what is there. Evicts the least recently used until the budget holds; a chunk larger than the whole
  /// budget is kept until the next insert, so that whoever asked for it finds it.
  void insert(ChunkKey key, ChunkPtr chunk);

  std::size_t bytes() const;
  std::size_t budget_bytes() const { return budget_; }
  std::size_t entries() const;
  std::uint64_t hits() const;
  std::uint64_t misses() const;

 private:
  struct Entry {
    ChunkKey key;
    ChunkPtr chunk;
    std::size_t cost = 0;
  };

  const std::size_t budget_;
  mutable std::mutex mutex_;
  std::list<Entry> entries_;  ///< most recently used first
  std::unordered_map<ChunkKey, std::list<Entry>::iterator, ChunkKeyHash> index_;
  std::size_t bytes_ = 0;
  std::uint64_t hits_ = 0;
  std::uint64_t misses_ = 0;
};

}  // namespace ndcast::image
