#include "image/memory_store.h"

#include <algorithm>
#include <cstring>

namespace ndcast::image {

void MemoryStore::put(std::string key, std::string_view text) {
  Bytes bytes(text.size());
  if (!text.empty()) std::memcpy(bytes.data(), text.data(), text.size());
  put(std::move(key), std::move(bytes));
}

void MemoryStore::put(std::string key, Bytes value) {
  const std::lock_guard lock(mutex_);
  objects_[std::move(key)] = {std::move(value), ++last_generation_};
}

void MemoryStore::erase(const std::string& key) {
  const std::lock_guard lock(mutex_);
  objects_.erase(key);
}

Result<std::optional<Bytes>> MemoryStore::get(std::string_view key, ByteRange range) const {
  ND_ASSIGN(std::optional<StoredBytes> stored, read(key, range, {}));
  if (!stored) return std::nullopt;
  return std::move(stored->bytes);
}

Result<std::optional<StoredBytes>> MemoryStore::read(std::string_view key, ByteRange range,
                                                     const std::stop_token&) const {
  ND_TRY(check_key(key));
  const std::lock_guard lock(mutex_);
  const auto it = objects_.find(key);
  if (it == objects_.end()) return std::nullopt;
  const Bytes& bytes = it->second.bytes;
  ND_ASSIGN(const ByteRange::Resolved span, range.resolve(bytes.size(), key));
  const auto first = bytes.begin() + static_cast<std::ptrdiff_t>(span.offset);
  return StoredBytes{Bytes(first, first + static_cast<std::ptrdiff_t>(span.length)),
                     std::to_string(it->second.generation)};
}

Result<std::optional<std::uint64_t>> MemoryStore::size(std::string_view key) const {
  ND_ASSIGN(const std::optional<ObjectInfo> object, stat(key));
  if (!object) return std::nullopt;
  return object->size;
}

Result<std::optional<ObjectInfo>> MemoryStore::stat(std::string_view key) const {
  ND_TRY(check_key(key));
  const std::lock_guard lock(mutex_);
  const auto it = objects_.find(key);
  if (it == objects_.end()) return std::nullopt;
  return ObjectInfo{it->second.bytes.size(), std::to_string(it->second.generation)};
}

Result<std::vector<StoreEntry>> MemoryStore::list(std::string_view prefix, std::size_t at_most) const {
  const std::string folder = prefix.empty() ? "" : std::string(prefix) + "/";
  std::map<std::string, bool> children;
  const std::lock_guard lock(mutex_);
  for (auto it = objects_.lower_bound(folder); it != objects_.end() && it->first.starts_with(folder); ++it) {
    const std::string_view rest = std::string_view(it->first).substr(folder.size());
    const std::size_t slash = rest.find('/');
    children[std::string(rest.substr(0, slash))] |= slash != std::string_view::npos;
  }
  std::vector<StoreEntry> out;
  for (const auto& [name, is_directory] : children) {
    if (out.size() == at_most) break;
    out.push_back({name, is_directory});
  }
  return out;
}

}  // namespace ndcast::image
