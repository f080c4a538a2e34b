#pragma once
// A store over a directory: key "a/b" is the file ROOT/a/b, read by pread() so that a range costs only its bytes.

#include <filesystem>
#include <memory>
#include <vector>

#include "image/store.h"

namespace ndcast::image {

/// Directories that opened files must lie in, symbolic links resolved. Empty: no confinement.
using Jail = std::vector<std::filesystem::path>;

class FileStore final : public Store {
 public:
  /// Errors: NotFound (no such directory), Forbidden (outside the jail), Io.
  static Result<std::shared_ptr<const FileStore>> open(const std::filesystem::path& root, const Jail& jail = {});

  Result<std::optional<Bytes>> get(std::string_view key, ByteRange range = {}) const override;
  Result<std::optional<std::uint64_t>> size(std::string_view key) const override;
  /// The version is made of the file's device, inode, size and time of change, taken before and after the bytes.
  Result<std::optional<StoredBytes>> read(std::string_view key, ByteRange range,
                                          const std::stop_token& stop) const override;
  Result<std::optional<ObjectInfo>> stat(std::string_view key) const override;
  std::string describe() const override { return root_.string(); }
  Result<std::vector<StoreEntry>> list(std::string_view prefix,
                                       std::size_t at_most = limits::kDirectoryEntries) const override;

 private:
  class OpenFile;
  FileStore(std::filesystem::path root, Jail jail) : root_(std::move(root)), jail_(std::move(jail)) {}
  Result<std::optional<OpenFile>> open_file(std::string_view key) const;
  Result<Bytes> read_span(const OpenFile& file, std::string_view key, ByteRange::Resolved span) const;

  std::filesystem::path root_;
  Jail jail_;  ///< canonical
};

/// The canonical form of `path` when it lies in one of the jail's directories (or the jail is empty). Errors: NotFound,
/// Forbidden.
Result<std::filesystem::path> confine(const std::filesystem::path& path, const Jail& jail);

}  // namespace ndcast::image
