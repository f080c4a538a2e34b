#pragma once
// Files as if they had not been read lately.

#include <filesystem>

#include <fcntl.h>
#include <unistd.h>

namespace ndcast::bench {

/// Drops the cached pages of all files below `root`, which are written out first.
inline void drop_page_cache(const std::filesystem::path& root) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (!entry.is_regular_file()) continue;
    const int file = ::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) continue;
    ::fdatasync(file);
    ::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
    ::close(file);
  }
}

}  // namespace ndcast::bench
