#include "room/pinned_directory.h"

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace ndcast::room {
namespace {

/// glibc 2.36 has no openat2 of its own.
int open_beneath(int root, const char* path) {
  open_how how{};
  how.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  return static_cast<int>(::syscall(SYS_openat2, root, path, &how, sizeof(how)));
}

}  // namespace

Result<PinnedDirectory> PinnedDirectory::open(const std::filesystem::path& root, const std::filesystem::path& path) {
  const PinnedDirectory top(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (top.descriptor_ < 0) return fail(ErrorCode::NotFound, "{}: {}", root.string(), std::strerror(errno));
  const std::filesystem::path below = path.lexically_relative(root);
  PinnedDirectory opened(open_beneath(top.descriptor_, below.empty() ? "." : below.c_str()));
  if (opened.descriptor_ >= 0) return opened;
  // A container may not let openat2 through: then what was opened is asked where it lies.
  if (errno == ENOSYS || errno == EPERM) {
    PinnedDirectory plain(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    std::error_code error;
    if (plain.descriptor_ >= 0 && std::filesystem::read_symlink(plain.path(), error) == path) return plain;
    return fail(ErrorCode::Forbidden, "{} is outside the data roots", path.string());
  }
  if (errno == ENOTDIR) return fail(ErrorCode::NotFound, "{} is not a directory", path.string());
  if (errno == ELOOP || errno == EXDEV)
    return fail(ErrorCode::Forbidden, "{} is outside the data roots", path.string());
  return fail(errno == EACCES ? ErrorCode::Forbidden : ErrorCode::NotFound, "{}: {}", path.string(),
              std::strerror(errno));
}

PinnedDirectory::~PinnedDirectory() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

PinnedDirectory::PinnedDirectory(PinnedDirectory&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

std::filesystem::path PinnedDirectory::path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

}  // namespace ndcast::room
