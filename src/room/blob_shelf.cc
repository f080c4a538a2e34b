#include "room/blob_shelf.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <new>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/ids.h"

namespace ndcast::room {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "ndcast-blobs-";
constexpr const char* kLockName = "lock";

/// A descriptor that holds the folder's lock; -1 when somebody else does, or there is none.
int lock_folder(const fs::path& folder, int flags) {
  const int file = ::open((folder / kLockName).c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
  if (file < 0) return -1;
  if (::flock(file, LOCK_EX | LOCK_NB) == 0) return file;
  ::close(file);
  return -1;
}

/// Folders whose process is gone.
void remove_leftovers(const fs::path& parent) {
  std::error_code error;
  for (fs::directory_iterator it(parent, error), end; !error && it != end; it.increment(error)) {
    if (!it->path().filename().string().starts_with(kPrefix)) continue;
    const int lock = lock_folder(it->path(), 0);
    if (lock < 0) continue;
    std::error_code ignored;
    fs::remove_all(it->path(), ignored);
    ::close(lock);
  }
}

void remove_file(const fs::path& file) {
  std::error_code ignored;
  fs::remove(file, ignored);
}

bool is_movie(const BlobLabel& label) { return label.content_type.starts_with("video/"); }

}  // namespace

BlobShelf::BlobShelf(const Clock& clock, fs::path parent, BlobLimits limits)
    : clock_(clock), parent_(std::move(parent)), limits_(limits) {
  remove_leftovers(parent_);
}

BlobShelf::~BlobShelf() {
  if (folder_.empty()) return;
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
  if (lock_ >= 0) ::close(lock_);
}

Result<void> BlobShelf::make_folder() {
  if (!folder_.empty()) return {};
  std::string name = (parent_ / fmt::format("{}XXXXXX", kPrefix)).string();
  if (!::mkdtemp(name.data())) {
    return fail(ErrorCode::Io, "cannot make a folder in {}: {}", parent_.string(), std::strerror(errno));
  }
  lock_ = lock_folder(name, O_CREAT);
  folder_ = std::move(name);
  return {};
}

Result<fs::path> BlobShelf::make_place(std::string_view extension) {
  const std::scoped_lock lock(mutex_);
  ND_TRY(make_folder());
  return folder_ / fmt::format("{}{}", places_++, extension);
}

void BlobShelf::drop_old() {
  const MonotonicTime now = clock_.now();
  while (!held_.empty() && held_.front().until <= now) {
    remove_file(held_.front().blob.file);
    held_.pop_front();
  }
}

Result<void> BlobShelf::make_room(std::uint64_t bytes, const BlobLabel& label) {
  std::uint64_t sum = bytes;
  std::size_t count = held_.size() + 1;
  std::vector<std::string> going;
  for (const Held& held : held_) sum += held.blob.bytes;
  const auto enough = [&] { return sum <= limits_.bytes && count <= limits_.count; };
  const auto take = [&](const auto& may_go) {
    for (auto held = held_.begin(); held != held_.end() && !enough(); ++held) {
      if (!may_go(held->blob.label)) continue;
      going.push_back(held->id);
      sum -= held->blob.bytes;
      --count;
    }
  };
  take([&](const BlobLabel& other) { return other.room == label.room; });
  take([&](const BlobLabel& other) { return other.room != label.room && (is_movie(label) || !is_movie(other)); });
  if (!enough()) return fail(ErrorCode::Limit, "other rooms' movies take all the place there is; try again later");
  std::erase_if(held_, [&](const Held& held) {
    const bool goes = std::ranges::find(going, held.id) != going.end();
    if (goes) remove_file(held.blob.file);
    return goes;
  });
  return {};
}

Result<std::string> BlobShelf::keep(const fs::path& file, BlobLabel label) {
  std::error_code error;
  const std::uint64_t bytes = fs::file_size(file, error);
  if (error) return fail(ErrorCode::Io, "cannot read {}: {}", file.string(), error.message());
  // A limit that another try does not pass.
  if (bytes > limits_.bytes_each) {
    return fail(ErrorCode::Invalid, "{} MiB: expected at most {} MiB; make it smaller or shorter", bytes >> 20,
                limits_.bytes_each >> 20);
  }
  const std::scoped_lock lock(mutex_);
  drop_old();
  ND_TRY(make_room(bytes, label));
  std::string id = random_hex(16);
  held_.push_back({id, {std::move(label), file, bytes}, clock_.now() + limits_.lifetime});
  return id;
}

Result<std::shared_ptr<const std::string>> BlobShelf::read(const Blob& blob) {
  const std::scoped_lock lock(reading_);
  std::uint64_t in_memory = blob.bytes;
  std::erase_if(copies_, [](const auto& copy) { return copy.second.expired(); });
  for (const auto& [file, copy] : copies_) {
    const auto bytes = copy.lock();
    if (bytes && file == blob.file) return bytes;
    if (bytes) in_memory += bytes->size();
  }
  if (in_memory > limits_.bytes_in_memory) {
    return fail(ErrorCode::Limit, "too many results are being fetched; try again in a moment");
  }
  std::ifstream stream(blob.file, std::ios::binary);
  try {
    auto bytes = std::make_shared<std::string>(blob.bytes, '\0');
    stream.read(bytes->data(), static_cast<std::streamsize>(bytes->size()));
    // Newer ones may have taken its place meanwhile.
    if (!stream) return fail(ErrorCode::NotFound, "the result is gone; newer ones took its place");
    copies_[blob.file] = bytes;
    return bytes;
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::Limit, "the server has no memory for it now; try again in a moment");
  }
}

std::optional<Blob> BlobShelf::find(std::string_view id, std::string_view room) {
  expire();
  const std::scoped_lock lock(mutex_);
  const auto it = std::ranges::find(held_, id, &Held::id);
  if (it == held_.end() || it->blob.label.room != room) return std::nullopt;
  return it->blob;
}

void BlobShelf::expire() {
  const std::scoped_lock lock(mutex_);
  drop_old();
}

}  // namespace ndcast::room
