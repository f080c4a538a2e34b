#include "image/memory_store.h"

#include <algorithm>
#include <cstring>

namespace ndcast::image {

void MemoryStore::put(std::string key, std::string_view text) {
  Bytes bytes(text.size());
  if (!text.empty()) std::memcpy(bytes.data(), text.data(), text.size());
  put(std::move(key), std::move(bytes));
}

Result<std::optional<Bytes>> MemoryStore::get(std::string_view key, ByteRange range) const {
  ND_TRY(check_key(key));
  const auto it = objects_.find(key);
  if (it == objects_.end()) return std::nullopt;
  ND_ASSIGN(const ByteRange::Resolved span, range.resolve(it->second.size(), key));
  const auto first = it->second.begin() + static_cast<std::ptrdiff_t>(span.offset);
  return Bytes(first, first + static_cast<std::ptrdiff_t>(span.length));
}

Result<std::optional<std::uint64_t>> MemoryStore::size(std::string_view key) const {
  ND_TRY(check_key(key));
  const auto it = objects_.find(key);
  if (it == objects_.end()) return std::nullopt;
  return it->second.size();
}

Result<std::vector<StoreEntry>> MemoryStore::list(std::string_view prefix, std::size_t at_most) const {
  const std::string folder = prefix.empty() ? "" : std::string(prefix) + "/";
  std::map<std::string, bool> children;
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
