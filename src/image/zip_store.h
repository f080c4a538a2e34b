#pragma once
// A store inside a zip archive (.zip, .zarr.zip, .ozx), which is itself an object of any store: a file, or one on a
// server, of which only the directory and the entries asked for are read.
//
//   ND_ASSIGN(const auto folder, FileStore::open("/data"));
//   ND_ASSIGN(const auto store, ZipStore::open(folder, "plate.zarr.zip"));

#include <memory>
#include <mutex>
#include <string>

#include "image/store.h"

namespace ndcast::image {

/// Stored and deflated entries; others are Unsupported by name when they are read. A range of a stored entry costs only
/// its bytes; a deflated one is decoded whole, and the last few are kept for the next range. The CRC of entries that
/// are read whole is checked. An archive that was replaced meanwhile is read anew: a reader sees one or the other.
class ZipStore final : public Store {
 public:
  /// Errors: those of ZipDirectory::read().
  static Result<std::shared_ptr<const ZipStore>> open(std::shared_ptr<const Store> below, std::string key);
  ~ZipStore() override;

  Result<std::optional<Bytes>> get(std::string_view key, ByteRange range = {}) const override;
  Result<std::optional<std::uint64_t>> size(std::string_view key) const override;
  Result<std::optional<StoredBytes>> read(std::string_view key, ByteRange range,
                                          const std::stop_token& stop) const override;
  /// The version is the archive's: whatever changes in it changes all.
  Result<std::optional<ObjectInfo>> stat(std::string_view key) const override;
  std::size_t concurrency() const override { return below_->concurrency(); }
  std::string describe() const override;
  Result<std::vector<StoreEntry>> list(std::string_view prefix,
                                       std::size_t at_most = limits::kDirectoryEntries) const override;

 private:
  class Archive;

  ZipStore(std::shared_ptr<const Store> below, std::string key, std::shared_ptr<const Archive> archive);
  std::shared_ptr<const Archive> archive() const;
  /// The archive as it is now, read again when it is no longer `seen`.
  Result<std::shared_ptr<const Archive>> reopened(const Archive& seen) const;

  std::shared_ptr<const Store> below_;
  std::string key_;
  mutable std::mutex mutex_;  ///< guards archive_
  mutable std::shared_ptr<const Archive> archive_;
};

/// Whether a file of this name is taken for a zip archive of an image: it ends in .zip or .ozx, in any case.
bool is_zip_name(std::string_view name);

}  // namespace ndcast::image
