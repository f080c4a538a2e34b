#include "image/file_store.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ndcast::image {
namespace {

bool is_inside(const std::filesystem::path& path, const Jail& jail) {
  return jail.empty() || std::ranges::any_of(jail, [&path](const std::filesystem::path& root) {
           return std::mismatch(root.begin(), root.end(), path.begin(), path.end()).first == root.end();
         });
}

Result<Jail> canonical_jail(const Jail& jail) {
  Jail out;
  for (const std::filesystem::path& root : jail) {
    std::error_code error;
    auto canonical = std::filesystem::canonical(root, error);
    if (error) return fail(ErrorCode::NotFound, "data root {}: {}", root.string(), error.message());
    out.push_back(std::move(canonical));
  }
  return out;
}

/// Writers that replace a file change the inode, writers in place its size or times. Numbers as they are: this is made
/// for every chunk that is read.
struct Generation {
  explicit Generation(const struct stat& status)
      : numbers{static_cast<std::int64_t>(status.st_dev),
                static_cast<std::int64_t>(status.st_ino),
                status.st_size,
                status.st_mtim.tv_sec,
                status.st_mtim.tv_nsec,
                status.st_ctim.tv_sec,
                status.st_ctim.tv_nsec} {}
  Version version() const { return {reinterpret_cast<const char*>(numbers.data()), sizeof numbers}; }
  friend bool operator==(const Generation&, const Generation&) = default;

  std::array<std::int64_t, 7> numbers;
};

bool means_missing(int error) { return error == ENOENT || error == ENOTDIR; }

}  // namespace

Result<std::filesystem::path> confine(const std::filesystem::path& path, const Jail& jail) {
  ND_ASSIGN(const Jail roots, canonical_jail(jail));
  std::error_code error;
  auto canonical = std::filesystem::canonical(path, error);
  // Outside the jail nothing is told apart: not even whether the path exists.
  if (error && !roots.empty() && !is_inside(std::filesystem::absolute(path).lexically_normal(), roots)) {
    return fail(ErrorCode::Forbidden, "{} is outside the data roots", path.string());
  }
  if (error) return fail(ErrorCode::NotFound, "{}: {}", path.string(), error.message());
  if (!is_inside(canonical, roots)) return fail(ErrorCode::Forbidden, "{} is outside the data roots", path.string());
  return canonical;
}

/// A descriptor of a regular file, closed with this object.
class FileStore::OpenFile {
 public:
  explicit OpenFile(int descriptor) : descriptor_(descriptor) {}
  OpenFile(OpenFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)), status_(other.status_) {}
  OpenFile& operator=(OpenFile&&) = delete;
  ~OpenFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  int descriptor() const { return descriptor_; }
  std::uint64_t size() const { return static_cast<std::uint64_t>(status_.st_size); }
  Generation generation() const { return Generation(status_); }
  /// Asks the system again; false with errno.
  bool refresh() { return ::fstat(descriptor_, &status_) == 0; }
  const struct stat& status() const { return status_; }

 private:
  int descriptor_;
  struct stat status_{};
};

Result<std::shared_ptr<const FileStore>> FileStore::open(const std::filesystem::path& root, const Jail& jail) {
  ND_ASSIGN(auto canonical, confine(root, jail));
  if (std::error_code error; !std::filesystem::is_directory(canonical, error)) {
    return fail(ErrorCode::NotFound,
                "{}: a file, expected a folder or a zip archive (ndcast import makes images of files)", root.string());
  }
  ND_ASSIGN(Jail roots, canonical_jail(jail));
  return std::shared_ptr<const FileStore>(new FileStore(std::move(canonical), std::move(roots)));
}

Result<std::optional<FileStore::OpenFile>> FileStore::open_file(std::string_view key) const {
  ND_TRY(check_key(key));
  std::string path = root_.native();
  (path += '/') += key;
  // Non-blocking so that a named pipe in the folder cannot hang a load thread.
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) {
    if (means_missing(errno)) return std::nullopt;
    return fail(ErrorCode::Io, "{}: {}", path, std::strerror(errno));
  }
  OpenFile file(descriptor);
  if (!file.refresh()) return fail(ErrorCode::Io, "{}: {}", path, std::strerror(errno));
  if (!S_ISREG(file.status().st_mode)) return std::nullopt;
  if (!jail_.empty()) {
    // Asked of the descriptor, not of the path: what was opened is what is judged.
    std::error_code error;
    const auto target = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(descriptor), error);
    if (error) return fail(ErrorCode::Io, "{}: {}", path, error.message());
    if (!is_inside(target, jail_)) return fail(ErrorCode::Forbidden, "{} leads outside the data roots", path);
  }
  return file;
}

Result<Bytes> FileStore::read_span(const OpenFile& file, std::string_view key, ByteRange::Resolved span) const {
  Bytes out(span.length);
  for (std::size_t done = 0; done < out.size();) {
    const ssize_t count =
        ::pread(file.descriptor(), out.data() + done, out.size() - done, static_cast<off_t>(span.offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail(ErrorCode::Io, "{}/{}: {}", root_.string(), key, std::strerror(errno));
    if (count == 0) return fail(ErrorCode::Corrupt, "{}/{}: shrank while it was read", root_.string(), key);
    done += static_cast<std::size_t>(count);
  }
  return out;
}

Result<std::optional<Bytes>> FileStore::get(std::string_view key, ByteRange range) const {
  ND_ASSIGN(std::optional<StoredBytes> stored, read(key, range, {}));
  if (!stored) return std::nullopt;
  return std::move(stored->bytes);
}

Result<std::optional<StoredBytes>> FileStore::read(std::string_view key, ByteRange range,
                                                   const std::stop_token&) const {
  // A file that is written in place while it is read is read again; one that never rests is an error.
  constexpr int kAttempts = 4;
  for (int attempt = 1;; ++attempt) {
    ND_ASSIGN(std::optional<OpenFile> file, open_file(key));
    if (!file) return std::nullopt;
    const Generation generation = file->generation();
    ND_ASSIGN(const ByteRange::Resolved span, range.resolve(file->size(), key));
    Result<Bytes> bytes = read_span(*file, key, span);
    if (!file->refresh()) return fail(ErrorCode::Io, "{}/{}: {}", root_.string(), key, std::strerror(errno));
    if (bytes && file->generation() == generation) return StoredBytes{*std::move(bytes), generation.version()};
    if (attempt < kAttempts && file->generation() != generation) continue;
    if (!bytes) return std::unexpected(std::move(bytes).error());
    return fail(ErrorCode::Corrupt, "{}/{}: was changed each of {} times that it was read", root_.string(), key,
                kAttempts);
  }
}

Result<std::optional<std::uint64_t>> FileStore::size(std::string_view key) const {
  ND_ASSIGN(const std::optional<OpenFile> file, open_file(key));
  if (!file) return std::nullopt;
  return file->size();
}

Result<std::optional<ObjectInfo>> FileStore::stat(std::string_view key) const {
  ND_ASSIGN(const std::optional<OpenFile> file, open_file(key));
  if (!file) return std::nullopt;
  return ObjectInfo{file->size(), file->generation().version()};
}

Result<std::vector<StoreEntry>> FileStore::list(std::string_view prefix, std::size_t at_most) const {
  std::filesystem::path folder = root_;
  if (!prefix.empty()) {
    ND_TRY(check_key(prefix));
    ND_ASSIGN(folder, confine(root_ / prefix, jail_));
  }
  std::vector<StoreEntry> out;
  std::error_code error;
  std::filesystem::directory_iterator it(folder, error);
  for (; !error && it != std::filesystem::directory_iterator() && out.size() < at_most; it.increment(error)) {
    std::error_code ignored;
    out.push_back({it->path().filename().string(), it->is_directory(ignored)});
  }
  if (error) return fail(ErrorCode::Io, "{}: {}", folder.string(), error.message());
  std::ranges::sort(out, {}, &StoreEntry::name);
  return out;
}

}  // namespace ndcast::image
