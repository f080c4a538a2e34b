#pragma once
// `ndcast import`: a source becomes an OME-Zarr pyramid. One pass: a box of level 0 is read while the one before it is
// encoded, and each cell that is encoded is averaged into the next level at once, which is encoded when its own cells
// are complete, and so on up. Everything is written to DESTINATION.importing, which takes its name when it is whole.
//
//   ND_ASSIGN(const ImportReport report, import_image(*source, "brain.ome.zarr", {}));

#include <atomic>
#include <filesystem>
#include <functional>
#include <optional>

#include "base/limits.h"
#include "convert/downsample.h"
#include "convert/zarr_metadata_text.h"

namespace ndcast::convert {

struct ImportProgress {
  std::uint64_t bytes_done = 0;  ///< of level 0, decoded, those of an earlier run included
  std::uint64_t bytes_total = 0;
  std::uint64_t bytes_skipped = 0;  ///< finished by an earlier run
};

struct ImportOptions {
  PyramidOptions pyramid;
  Encoding encoding;
  std::optional<Method> method;  ///< empty: mode for labels, else mean
  std::size_t memory_bytes = limits::kImportMemory;
  std::size_t threads = 0;  ///< 0: one a core
  bool overwrite = false;
  std::string name;  ///< of the image; empty: the destination's, without its endings
  /// Called by any of the threads, one at a time, some times a second to some thousand times a second.
  std::function<void(const ImportProgress&)> on_progress;
  /// Set from any thread: the import stops soon, with Cancelled, and can go on later.
  const std::atomic<bool>* stop = nullptr;
};

struct ImportReport {
  Pyramid pyramid;
  std::uint64_t bytes_read = 0;     ///< voxels of level 0
  std::uint64_t bytes_written = 0;  ///< this time
  bool resumed = false;
  std::size_t expected_memory_bytes = 0;
};

/// Blocks. Errors: Invalid (the destination exists and `overwrite` is not set; it is no zarr and so not overwritten;
/// options that do not fit), Limit (memory), Cancelled, Forbidden (another process imports to the same place), those of
/// the source, Io. After an error of the source or of the disk, the same call goes on where it was.
Result<ImportReport> import_image(Source& source, const std::filesystem::path& destination,
                                  const ImportOptions& options);

/// Where an import to `destination` writes until it is whole.
std::filesystem::path unfinished_path(const std::filesystem::path& destination);

}  // namespace ndcast::convert
