#include "image/shard_index.h"

#include <cstring>

#include "base/check.h"

namespace ndcast::image {

std::optional<ShardEntry> ShardIndex::entry(std::size_t index) const {
  ND_CHECK(index < entries());
  ShardEntry entry;
  std::memcpy(&entry.offset, words_.data() + index * 16, 8);
  std::memcpy(&entry.nbytes, words_.data() + index * 16 + 8, 8);
  constexpr std::uint64_t kEmpty = ~std::uint64_t{0};
  if (entry.offset == kEmpty && entry.nbytes == kEmpty) return std::nullopt;
  return entry;
}

ShardIndexPtr ShardIndexCache::find(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto it = by_key_.find(key);
  if (it == by_key_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, it->second);
  return it->second->index;
}

void ShardIndexCache::insert(const std::string& key, ShardIndexPtr index) {
  const std::lock_guard lock(mutex_);
  if (const auto it = by_key_.find(key); it != by_key_.end()) {
    bytes_ -= it->second->index->bytes();
    entries_.erase(it->second);
    by_key_.erase(it);
  }
  bytes_ += index->bytes();
  entries_.push_front({key, std::move(index)});
  by_key_[key] = entries_.begin();
  while (bytes_ > budget_ && entries_.size() > 1) {
    bytes_ -= entries_.back().index->bytes();
    by_key_.erase(entries_.back().key);
    entries_.pop_back();
  }
}

}  // namespace ndcast::image
