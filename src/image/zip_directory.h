#pragma once
// The central directory of a zip archive: which entries there are and where. Reads ordinary and Zip64 archives, also
// ones with something before the first entry; checks what a hostile archive could use (overlapping entries, entries
// outside the archive, sizes that no compression reaches). The format: PKWARE APPNOTE 6.3.10, sections 4.3 and 4.5.
//
//   ND_ASSIGN(const ZipDirectory directory, ZipDirectory::read(*store, "plate.zarr.zip"));
//   const ZipEntry* entry = directory.find("0/zarr.json");

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "image/store.h"

namespace ndcast::image {

struct ZipEntry {
  /// The numbers of APPNOTE 4.4.5 that are read here.
  static constexpr std::uint16_t kStored = 0;
  static constexpr std::uint16_t kDeflated = 8;

  std::string_view name;            ///< in the directory's bytes
  std::uint64_t header_offset = 0;  ///< of the local header, from the start of the archive
  std::uint64_t stored_bytes = 0;
  std::uint64_t size = 0;  ///< decoded
  std::uint32_t crc = 0;
  std::uint16_t method = kStored;
  bool encrypted = false;
};

/// Immutable; movable, which leaves the entries' names where they are.
class ZipDirectory {
 public:
  /// Two or three ranged reads. Errors: NotFound (no such object), Corrupt (no archive, cut off, overlapping entries),
  /// Unsupported (several disks, an encrypted directory), Limit (a directory of more than limits::kZipDirectoryBytes),
  /// and the store's.
  static Result<ZipDirectory> read(const Store& store, std::string_view key);

  /// The file of that name; of several the last one written. Null when there is none.
  const ZipEntry* find(std::string_view name) const;
  /// Direct children of a folder, sorted by name. Entries whose names are no keys (Store's class comment) are not
  /// listed.
  std::vector<StoreEntry> list(std::string_view folder, std::size_t at_most) const;
  /// Sorted by name.
  const std::vector<ZipEntry>& entries() const { return entries_; }
  /// Of the archive that this was read from.
  const Version& version() const { return version_; }

 private:
  /// Where the end record says that the directory is.
  struct End {
    std::uint64_t directory_offset = 0;
    std::uint64_t directory_bytes = 0;
    std::uint64_t entries = 0;
    std::uint64_t shift = 0;  ///< bytes before the archive proper, to be added to each offset
  };
  class Reader;

  Result<void> parse(const End& end, std::string_view key);
  Result<void> check_places(std::uint64_t directory_start, std::string_view key) const;

  Bytes bytes_;  ///< names of entries_ point in here
  std::vector<ZipEntry> entries_;
  Version version_;
};

}  // namespace ndcast::image
