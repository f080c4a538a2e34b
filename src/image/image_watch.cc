#include "image/image_watch.h"

#include <algorithm>
#include <array>

namespace ndcast::image {

bool ImageWatch::changed() const {
  return std::ranges::any_of(seen_, [this](const auto& entry) {
    const auto& [key, before] = entry;
    const auto now = store_->stat(key);
    if (!now) return false;
    if (!*now || !before) return now->has_value() != before.has_value();
    return (*now)->size != before->size || (*now)->version != before->version;
  });
}

std::shared_ptr<const ImageWatch> WatchingStore::finish() const {
  const std::lock_guard lock(mutex_);
  noting_ = false;
  read_.clear();
  return std::make_shared<const ImageWatch>(store_, std::move(seen_));
}

bool WatchingStore::notes(std::string_view key) const {
  constexpr std::array<std::string_view, 5> kNames = {"zarr.json", ".zarray", ".zattrs", ".zgroup", ".zmetadata"};
  const std::size_t slash = key.rfind('/');
  const std::string_view name = slash == std::string_view::npos ? key : key.substr(slash + 1);
  if (std::ranges::find(kNames, name) == kNames.end()) return false;
  const std::lock_guard lock(mutex_);
  return noting_;
}

void WatchingStore::note(std::string_view key, const std::optional<ObjectInfo>& info) const {
  const std::lock_guard lock(mutex_);
  // The first look counts: what was read then is what the image was made of.
  if (noting_) seen_.try_emplace(std::string(key), info);
}

std::optional<WatchingStore::Found> WatchingStore::known(std::string_view key) const {
  const std::lock_guard lock(mutex_);
  const auto it = read_.find(key);
  if (it == read_.end()) return std::nullopt;
  return std::optional<Found>(std::in_place, it->second);
}

Result<std::optional<Bytes>> WatchingStore::get(std::string_view key, ByteRange range) const {
  ND_ASSIGN(std::optional<StoredBytes> stored, read(key, range, {}));
  if (!stored) return std::nullopt;
  return std::move(stored->bytes);
}

Result<std::optional<StoredBytes>> WatchingStore::read(std::string_view key, ByteRange range,
                                                       const std::stop_token& stop) const {
  if (range.kind != ByteRange::Kind::Whole || !notes(key)) return store_->read(key, range, stop);
  if (std::optional<Found> before = known(key)) {
    if (*before) ND_TRY(range.resolve((*before)->bytes.size(), key));
    return *std::move(before);
  }
  ND_ASSIGN(Found stored, store_->read(key, range, stop));
  note(key, stored ? std::optional(ObjectInfo{stored->bytes.size(), stored->version}) : std::nullopt);
  const std::lock_guard lock(mutex_);
  if (noting_) read_.try_emplace(std::string(key), stored);
  return stored;
}

Result<std::optional<std::uint64_t>> WatchingStore::size(std::string_view key) const {
  if (!notes(key)) return store_->size(key);
  ND_ASSIGN(const std::optional<ObjectInfo> object, stat(key));
  if (!object) return std::nullopt;
  return object->size;
}

Result<std::optional<ObjectInfo>> WatchingStore::stat(std::string_view key) const {
  if (const auto before = notes(key) ? known(key) : std::nullopt) {
    if (!*before) return std::nullopt;
    return ObjectInfo{(*before)->bytes.size(), (*before)->version};
  }
  auto object = store_->stat(key);
  if (object && notes(key)) note(key, *object);
  return object;
}

}  // namespace ndcast::image
