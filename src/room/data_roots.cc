#include "room/data_roots.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>
#include <system_error>

#include "base/check.h"
#include "base/limits.h"
#include "image/discover.h"
#include "room/pinned_directory.h"

namespace ndcast::room {
namespace {

namespace fs = std::filesystem;

/// Children of a dataset directory that are named in a listing; enough for a picker to say what is inside.
constexpr std::size_t kNamedChildren = 16;

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

bool has_any(const fs::path& directory, std::initializer_list<const char*> names) {
  std::error_code error;
  return std::ranges::any_of(names, [&](const char* name) { return fs::exists(directory / name, error); });
}

/// Whether the directory is zarr and what lies in it, by the names of its metadata files alone.
std::optional<session::DirectoryEntry::Zarr> look_at_zarr(const fs::path& directory, const image::Jail& jail) {
  if (!has_any(directory, {".zattrs", ".zgroup", ".zarray", "zarr.json"})) return std::nullopt;
  session::DirectoryEntry::Zarr zarr;
  const Result<image::Discovery> images = image::find_images(directory.string(), jail);
  if (!images) return zarr;
  for (const std::string& option : images->options) {
    if (fs::path(option) == directory) {
      zarr.is_dataset = true;
      zarr.has_multiscales = !has_any(directory, {".zarray"});
    } else if (zarr.dataset_children.size() < kNamedChildren) {
      zarr.dataset_children.push_back(fs::path(option).lexically_relative(directory).string());
    }
  }
  return zarr;
}

/// `item` is seen through a descriptor of `directory`. Nothing is told of what a symbolic link leads to outside.
std::optional<session::DirectoryEntry> look_at(const fs::directory_entry& item, const fs::path& directory,
                                               const image::Jail& jail) {
  std::error_code error;
  session::DirectoryEntry entry;
  entry.name = item.path().filename().string();
  entry.path = (directory / entry.name).string();
  if (item.is_symlink(error) && !image::confine(item.path(), jail)) return std::nullopt;
  entry.is_directory = item.is_directory(error);
  if (error) return std::nullopt;
  if (!entry.is_directory) {
    entry.size_bytes = item.file_size(error);
    if (error) return std::nullopt;
  }
  const fs::file_time_type modified = item.last_write_time(error);
  if (error) return std::nullopt;
  const auto on_system_clock = std::chrono::file_clock::to_sys(modified);
  entry.modified_unix_s = std::chrono::duration<double>(on_system_clock.time_since_epoch()).count();
  return entry;
}

bool wanted(const session::DirectoryEntry& entry, const session::ListDirectory& request) {
  if (!request.show_hidden && entry.name.starts_with('.')) return false;
  if (entry.is_directory || request.only.empty()) return true;
  return std::ranges::any_of(request.only, [&](const std::string& suffix) { return entry.name.ends_with(suffix); });
}

/// A cursor is the number of entries already given.
Result<std::size_t> parse_cursor(const std::string& cursor) {
  std::size_t offset = 0;
  if (cursor.empty()) return offset;
  const char* const end = cursor.data() + cursor.size();
  const auto [stop, error] = std::from_chars(cursor.data(), end, offset);
  if (error != std::errc() || stop != end) {
    return fail(ErrorCode::Invalid, "cursor \"{}\": expected one from a page before", cursor.substr(0, 64));
  }
  return offset;
}

}  // namespace

DataRoots::DataRoots(const std::vector<fs::path>& roots) {
  for (const fs::path& root : roots) {
    std::error_code error;
    fs::path canonical = fs::canonical(root, error);
    if (!error && std::ranges::find(roots_, canonical) == roots_.end()) roots_.push_back(std::move(canonical));
  }
}

Result<fs::path> DataRoots::resolve(std::string_view text) const {
  if (text.starts_with("file://")) text.remove_prefix(7);
  if (text.size() > limits::kPathBytes || text.contains('\0')) {
    return fail(ErrorCode::Invalid, "path of {} bytes: expected at most {} and no NUL", text.size(),
                limits::kPathBytes);
  }
  if (roots_.empty()) return fail(ErrorCode::Forbidden, "no data root is open to clients");
  fs::path path(text);
  if (path.is_relative()) path = roots_.front() / path;
  const auto archive = image::find_archive(path);
  if (!archive) return image::confine(path, roots_);
  ND_ASSIGN(const fs::path file, image::confine(archive->file, roots_));
  if (!archive->inside.empty()) ND_TRY(image::check_key(archive->inside));
  return archive->inside.empty() ? file : file / archive->inside;
}

const fs::path& DataRoots::root_of(const fs::path& path) const {
  const auto root = std::ranges::find_if(roots_, [&](const fs::path& candidate) {
    return std::mismatch(candidate.begin(), candidate.end(), path.begin(), path.end()).first == candidate.end();
  });
  ND_CHECK(root != roots_.end(), "a resolved path lies in a root");
  return *root;
}

Result<session::DirectoryPage> DataRoots::list(const session::ListDirectory& request) const {
  ND_ASSIGN(const fs::path directory, resolve(request.path));
  ND_ASSIGN(const std::size_t offset, parse_cursor(request.cursor));
  ND_ASSIGN(const PinnedDirectory pinned, PinnedDirectory::open(root_of(directory), directory));
  std::error_code error;
  std::vector<session::DirectoryEntry> entries;
  for (fs::directory_iterator it(pinned.path(), error), end; !error && it != end; it.increment(error)) {
    std::optional<session::DirectoryEntry> entry = look_at(*it, directory, roots_);
    if (entry && wanted(*entry, request)) entries.push_back(std::move(*entry));
  }
  std::ranges::sort(entries, {},
                    [](const session::DirectoryEntry& entry) { return std::pair(lower(entry.name), entry.name); });

  session::DirectoryPage page{directory.string(), {}, {}};
  const std::size_t begin = std::min(offset, entries.size());
  const std::size_t end = std::min(begin + limits::kDirectoryEntries, entries.size());
  for (std::size_t i = begin; i < end; ++i) {
    if (entries[i].is_directory) entries[i].zarr = look_at_zarr(entries[i].path, roots_);
    page.entries.push_back(std::move(entries[i]));
  }
  if (end < entries.size()) page.next_cursor = std::to_string(end);
  return page;
}

}  // namespace ndcast::room
