#pragma once
// The part of the file system that clients may see: directories named at start, symbolic links resolved, nothing else.
//
//   const DataRoots roots({"/data"});
//   Result<session::DirectoryPage> page = roots.list({.path = "/data/plates"});

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "image/open_store.h"
#include "session/room_services.h"

namespace ndcast::room {

/// Immutable, thread-safe. All calls read the file system and may block: never on the control thread.
class DataRoots {
 public:
  /// Roots that do not exist are dropped. Without any root every path is Forbidden.
  explicit DataRoots(const std::vector<std::filesystem::path>& roots);

  const std::vector<std::filesystem::path>& roots() const { return roots_; }

  /// The canonical path of what `text` names: absolute, "file://…", or relative to the first root; a place in a zip
  /// archive has the archive's canonical path. Errors: NotFound,
  /// Forbidden (outside the roots, links followed), Invalid (empty, NUL, too long).
  Result<std::filesystem::path> resolve(std::string_view text) const;

  /// A page of a directory: entries by lower-cased name, directories always, files by suffix; an entry that cannot be
  /// looked at, or leads out of the roots, is left out. Errors: those of resolve(); NotFound when it is no directory;
  /// Invalid for a foreign cursor.
  Result<session::DirectoryPage> list(const session::ListDirectory& request) const;

 private:
  /// The root that holds a path which resolve() returned.
  const std::filesystem::path& root_of(const std::filesystem::path& path) const;
  std::vector<std::filesystem::path> roots_;
};

}  // namespace ndcast::room
