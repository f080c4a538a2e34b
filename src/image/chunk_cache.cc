#include "image/chunk_cache.h"

namespace ndcast::image {

std::size_t ChunkKeyHash::operator()(const ChunkKey& key) const noexcept {
  // splitmix64's finalizer over both halves; neighbouring indices land far apart.
  std::uint64_t x = key.array * 0x9e3779b97f4a7c15ULL + static_cast<std::uint64_t>(key.index);
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebULL;
  return static_cast<std::size_t>(x ^ (x >> 31U));
}

ChunkPtr ChunkCache::find(ChunkKey key) {
  const std::lock_guard lock(mutex_);
  const auto it = index_.find(key);
  if (it == index_.end()) {
    ++misses_;
    return nullptr;
  }
  ++hits_;
  entries_.splice(entries_.begin(), entries_, it->second);
  return it->second->chunk;
}

bool ChunkCache::touch(ChunkKey key) {
  const std::lock_guard lock(mutex_);
  const auto it = index_.find(key);
  if (it == index_.end()) return false;
  entries_.splice(entries_.begin(), entries_, it->second);
  return true;
}

void ChunkCache::insert(ChunkKey key, ChunkPtr chunk) {
  const std::size_t cost = kEntryBytes + chunk->data.size();
  std::list<Entry> evicted;  // let go once the lock is
  const std::lock_guard lock(mutex_);
  if (const auto it = index_.find(key); it != index_.end()) {
    bytes_ -= it->second->cost;
    evicted.splice(evicted.begin(), entries_, it->second);
    index_.erase(it);
  }
  entries_.push_front({key, std::move(chunk), cost});
  index_[key] = entries_.begin();
  bytes_ += cost;
  while (bytes_ > budget_ && entries_.size() > 1) {
    bytes_ -= entries_.back().cost;
    index_.erase(entries_.back().key);
    evicted.splice(evicted.begin(), entries_, std::prev(entries_.end()));
  }
}

std::size_t ChunkCache::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

std::size_t ChunkCache::entries() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

std::uint64_t ChunkCache::hits() const {
  const std::lock_guard lock(mutex_);
  return hits_;
}

std::uint64_t ChunkCache::misses() const {
  const std::lock_guard lock(mutex_);
  return misses_;
}

}  // namespace ndcast::image
