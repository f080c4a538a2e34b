#pragma once
// A directory below a root, opened once and looked at through its descriptor: whoever renames or replaces a folder on
// the way by a symbolic link meanwhile, what is read is the directory that was checked.

#include <filesystem>

#include "base/result.h"

namespace ndcast::room {

class PinnedDirectory {
 public:
  /// `path` is canonical and `root` or below it; no part of it may be a symbolic link by now (openat2 with
  /// RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS and RESOLVE_NO_MAGICLINKS). Errors: NotFound (also: no directory), Forbidden.
  static Result<PinnedDirectory> open(const std::filesystem::path& root, const std::filesystem::path& path);
  ~PinnedDirectory();
  PinnedDirectory(PinnedDirectory&& other) noexcept;
  PinnedDirectory& operator=(PinnedDirectory&&) = delete;

  /// A path to the same directory, whatever has its name now: "/proc/self/fd/N".
  std::filesystem::path path() const;

 private:
  explicit PinnedDirectory(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace ndcast::room
