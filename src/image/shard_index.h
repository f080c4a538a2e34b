#pragma once
// Indices of shards, decoded, and a small cache of them: an index is read once for the many inner chunks it finds.

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "image/store.h"

namespace ndcast::image {

struct ShardEntry {
  std::uint64_t offset = 0;  ///< from the start of the shard, wherever the index is
  std::uint64_t nbytes = 0;
};

/// One shard's index, entries in C order of its inner chunks.
class ShardIndex {
 public:
  /// `words`: native-endian uint64 pairs.
  explicit ShardIndex(Bytes words, Version version = {}) : words_(std::move(words)), version_(std::move(version)) {}
  /// Of the object that it was read from: chunks are found by it in that one only.
  const Version& version() const { return version_; }
  /// Nothing for an inner chunk that is not stored (both words 2^64 - 1).
  std::optional<ShardEntry> entry(std::size_t index) const;
  std::size_t entries() const { return words_.size() / (2 * sizeof(std::uint64_t)); }
  std::size_t bytes() const { return words_.size(); }

 private:
  Bytes words_;
  Version version_;
};
/// Null stands for a shard that is not stored.
using ShardIndexPtr = std::shared_ptr<const ShardIndex>;

/// Least recently used goes first. Thread-safe.
class ShardIndexCache {
 public:
  explicit ShardIndexCache(std::size_t budget_bytes) : budget_(budget_bytes) {}
  ShardIndexPtr find(const std::string& key);
  /// Takes the place of what is there.
  void insert(const std::string& key, ShardIndexPtr index);

 private:
  struct Entry {
    std::string key;
    ShardIndexPtr index;
  };

  const std::size_t budget_;
  std::mutex mutex_;
  std::list<Entry> entries_;  ///< most recently used first
  std::unordered_map<std::string, std::list<Entry>::iterator> by_key_;
  std::size_t bytes_ = 0;
};

}  // namespace ndcast::image
