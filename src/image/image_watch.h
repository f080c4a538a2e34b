#pragma once
// Whether an image was written anew, or grew, since it was opened: which metadata objects it was opened from, and which
// generation of each.
//
//   WatchingStore recorder(store);  open the image through it;  image->watch = recorder.finish();
//   if (image->watch->changed()) open it again;

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "image/store.h"

namespace ndcast::image {

/// Immutable, thread-safe.
class ImageWatch {
 public:
  /// Nothing: it was not there.
  using Seen = std::map<std::string, std::optional<ObjectInfo>, std::less<>>;

  ImageWatch(std::shared_ptr<const Store> store, Seen seen) : store_(std::move(store)), seen_(std::move(seen)) {}

  /// Asks the store about each object; blocks. False also when it cannot be asked: that is no news of the image.
  bool changed() const;
  /// Asking costs requests.
  bool is_remote() const { return store_->concurrency() > 0; }
  const Seen& seen() const { return seen_; }

 private:
  std::shared_ptr<const Store> store_;
  Seen seen_;
};

/// Passes everything on. Until finish() it notes which metadata is looked at, and asks for each only once: what an
/// image is made of is of one moment, and an image on a server costs fewer round trips.
class WatchingStore final : public Store {
 public:
  explicit WatchingStore(std::shared_ptr<const Store> store) : store_(std::move(store)) {}

  /// What was looked at so far; from here on nothing is noted.
  std::shared_ptr<const ImageWatch> finish() const;

  Result<std::optional<Bytes>> get(std::string_view key, ByteRange range = {}) const override;
  Result<std::optional<std::uint64_t>> size(std::string_view key) const override;
  Result<std::optional<StoredBytes>> read(std::string_view key, ByteRange range,
                                          const std::stop_token& stop) const override;
  Result<std::optional<ObjectInfo>> stat(std::string_view key) const override;
  std::size_t concurrency() const override { return store_->concurrency(); }
  std::string describe() const override { return store_->describe(); }
  std::string uri_of(std::string_view key) const override { return store_->uri_of(key); }
  Result<std::vector<StoreEntry>> list(std::string_view prefix,
                                       std::size_t at_most = limits::kDirectoryEntries) const override {
    return store_->list(prefix, at_most);
  }

 private:
  bool notes(std::string_view key) const;
  void note(std::string_view key, const std::optional<ObjectInfo>& info) const;
  using Found = std::optional<StoredBytes>;
  /// What was read of the key before; nothing when it was not.
  std::optional<Found> known(std::string_view key) const;

  std::shared_ptr<const Store> store_;
  mutable std::mutex mutex_;  ///< guards what follows
  mutable bool noting_ = true;
  mutable ImageWatch::Seen seen_;
  mutable std::map<std::string, Found, std::less<>> read_;
};

}  // namespace ndcast::image
