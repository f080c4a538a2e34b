#include "image/zip_store.h"

#include <algorithm>
#include <atomic>
#include <cctype>
#include <list>
#include <span>
#include <variant>
#include <vector>

#include <libdeflate.h>

#include "image/little_endian.h"
#include "image/zip_directory.h"

namespace ndcast::image {
namespace {

constexpr std::uint32_t kLocalSignature = 0x04034b50;
constexpr std::size_t kLocalHeaderBytes = 30;
/// Extra fields of a local header are some 30 bytes (times, Zip64); so much more is read with an entry, to have both in
/// one read.
constexpr std::uint64_t kExtraGuess = 256;
/// What follows the last entry at least: its line in the directory and the end record.
constexpr std::uint64_t kDirectoryBytes = 46 + 22;
/// Decoded entries kept for further ranges: a shard or two.
constexpr std::size_t kInflatedBytes = std::size_t{64} << 20;

/// What stands between callers: the archive is no longer the one whose directory we know.
struct Replaced {};
template <class T>
using Attempt = std::expected<T, std::variant<Error, Replaced>>;

struct FreeDecompressor {
  void operator()(libdeflate_decompressor* decompressor) const { libdeflate_free_decompressor(decompressor); }
};

Result<Bytes> inflate(const ZipEntry& entry, std::span<const std::byte> stored) {
  thread_local const std::unique_ptr<libdeflate_decompressor, FreeDecompressor> decompressor(
      libdeflate_alloc_decompressor());
  Bytes out(entry.size);
  std::size_t produced = 0;
  const auto result = libdeflate_deflate_decompress(decompressor.get(), stored.data(), stored.size(), out.data(),
                                                    out.size(), &produced);
  if (result == LIBDEFLATE_SUCCESS && produced == out.size()) return out;
  return fail(ErrorCode::Corrupt, "\"{}\": a deflate stream of {} bytes does not become the {} it should", entry.name,
              stored.size(), entry.size);
}

}  // namespace

/// One generation of the archive.
class ZipStore::Archive {
 public:
  explicit Archive(ZipDirectory directory)
      : directory_(std::move(directory)), header_bytes_(directory_.entries().size()) {}

  const ZipDirectory& directory() const { return directory_; }

  Attempt<Bytes> read(const Store& below, const std::string& key, const ZipEntry& entry, ByteRange range,
                      const std::stop_token& stop) const {
    const auto span = range.resolve(entry.size, entry.name);
    if (!span) return std::unexpected(span.error());
    if (entry.encrypted) return refuse("\"{}\" is encrypted", entry.name);
    if (entry.size > limits::kStoredObjectBytes || entry.stored_bytes > limits::kStoredObjectBytes) {
      return std::unexpected(Error{ErrorCode::Limit, fmt::format("\"{}\" has {} bytes, at most {} are read", entry.name,
                                                                 entry.size, limits::kStoredObjectBytes)});
    }
    const bool is_whole = span->length == entry.size;
    if (entry.method == ZipEntry::kStored) {
      auto bytes = read_stored(below, key, entry, *span, stop);
      if (bytes && is_whole) return checked(entry, *std::move(bytes));
      return bytes;
    }
    if (entry.method != ZipEntry::kDeflated) {
      return refuse("\"{}\" is compressed with method {}; expected stored or deflated", entry.name, entry.method);
    }
    if (const auto known = find_inflated(entry)) return part(*known, *span);
    auto stored = read_stored(below, key, entry, {0, entry.stored_bytes}, stop);
    if (!stored) return stored;
    auto inflated = inflate(entry, *stored);
    if (!inflated) return std::unexpected(std::move(inflated).error());
    auto bytes = checked(entry, *std::move(inflated));
    if (!bytes || is_whole) return bytes;
    const auto shared = std::make_shared<const Bytes>(*std::move(bytes));
    keep_inflated(entry, shared);
    return part(*shared, *span);
  }

 private:
  struct Inflated {
    const ZipEntry* entry = nullptr;
    std::shared_ptr<const Bytes> bytes;
  };

  template <class... Args>
  static std::unexpected<std::variant<Error, Replaced>> refuse(fmt::format_string<Args...> format, Args&&... args) {
    return std::unexpected<std::variant<Error, Replaced>>(
        Error{ErrorCode::Unsupported, fmt::format(format, std::forward<Args>(args)...)});
  }

  static Bytes part(const Bytes& whole, ByteRange::Resolved span) {
    const auto first = whole.begin() + static_cast<std::ptrdiff_t>(span.offset);
    return {first, first + static_cast<std::ptrdiff_t>(span.length)};
  }

  static Attempt<Bytes> checked(const ZipEntry& entry, Bytes bytes) {
    const std::uint32_t crc = libdeflate_crc32(0, bytes.data(), bytes.size());
    if (crc == entry.crc) return bytes;
    return std::unexpected(Error{ErrorCode::Corrupt, fmt::format("\"{}\": its CRC is {:08x}, the archive says {:08x}",
                                                                 entry.name, crc, entry.crc)});
  }

  Attempt<Bytes> read_archive(const Store& below, const std::string& key, std::uint64_t offset, std::uint64_t length,
                              const std::stop_token& stop) const {
    auto stored = below.read(key, ByteRange::slice(offset, length), stop);
    if (!stored) {
      // A shorter archive is another one.
      const auto now = below.stat(key);
      if (now && (!*now || (*now)->version != directory_.version())) return std::unexpected(Replaced{});
      return std::unexpected(std::move(stored).error());
    }
    if (!*stored || (*stored)->version != directory_.version()) return std::unexpected(Replaced{});
    return std::move((*stored)->bytes);
  }

  /// `span` counts in the stored bytes. The local header and the bytes come in one read, unless the header is known or
  /// the bytes are far behind it.
  Attempt<Bytes> read_stored(const Store& below, const std::string& key, const ZipEntry& entry,
                             ByteRange::Resolved span, const std::stop_token& stop) const {
    std::atomic<std::uint32_t>& known = header_bytes_[index_of(entry)];
    std::uint64_t header = known.load(std::memory_order_relaxed);
    if (header == 0) {
      const std::uint64_t at_least = kLocalHeaderBytes + entry.name.size();
      const bool together = span.offset <= kExtraGuess;
      // check_places() saw that the entry lies before the directory, which names it and is followed by an end record.
      const std::uint64_t wanted = at_least + (together ? span.offset + span.length : 0);
      const std::uint64_t behind = entry.stored_bytes - span.offset - span.length + kDirectoryBytes + entry.name.size();
      const std::uint64_t guess = together ? std::min(kExtraGuess, behind) : 0;
      auto bytes = read_archive(below, key, entry.header_offset, wanted + guess, stop);
      if (!bytes) return bytes;
      if (little32(*bytes, 0) != kLocalSignature) {
        return std::unexpected(
            Error{ErrorCode::Corrupt,
                  fmt::format("\"{}\": no local header at byte {} of the archive", entry.name, entry.header_offset)});
      }
      header = kLocalHeaderBytes + little16(*bytes, 26) + little16(*bytes, 28);
      known.store(static_cast<std::uint32_t>(header), std::memory_order_relaxed);
      if (together && header + span.offset + span.length <= bytes->size()) {
        return part(*bytes, {header + span.offset, span.length});
      }
    }
    return read_archive(below, key, entry.header_offset + header + span.offset, span.length, stop);
  }

  std::size_t index_of(const ZipEntry& entry) const {
    return static_cast<std::size_t>(&entry - directory_.entries().data());
  }

  std::shared_ptr<const Bytes> find_inflated(const ZipEntry& entry) const {
    const std::lock_guard lock(mutex_);
    const auto it = std::ranges::find(inflated_, &entry, &Inflated::entry);
    if (it == inflated_.end()) return nullptr;
    inflated_.splice(inflated_.begin(), inflated_, it);
    return it->bytes;
  }

  void keep_inflated(const ZipEntry& entry, std::shared_ptr<const Bytes> bytes) const {
    const std::lock_guard lock(mutex_);
    if (bytes->size() > kInflatedBytes) return;
    inflated_bytes_ += bytes->size();
    inflated_.push_front({&entry, std::move(bytes)});
    while (inflated_bytes_ > kInflatedBytes) {
      inflated_bytes_ -= inflated_.back().bytes->size();
      inflated_.pop_back();
    }
  }

  const ZipDirectory directory_;
  /// Of each entry's local header with its name and extra field; 0 while it was not read.
  mutable std::vector<std::atomic<std::uint32_t>> header_bytes_;
  mutable std::mutex mutex_;              ///< guards what follows
  mutable std::list<Inflated> inflated_;  ///< most recently used first
  mutable std::size_t inflated_bytes_ = 0;
};

ZipStore::ZipStore(std::shared_ptr<const Store> below, std::string key, std::shared_ptr<const Archive> archive)
    : below_(std::move(below)), key_(std::move(key)), archive_(std::move(archive)) {}

ZipStore::~ZipStore() = default;

Result<std::shared_ptr<const ZipStore>> ZipStore::open(std::shared_ptr<const Store> below, std::string key) {
  ND_ASSIGN(ZipDirectory directory, ZipDirectory::read(*below, key));
  auto archive = std::make_shared<const Archive>(std::move(directory));
  return std::shared_ptr<const ZipStore>(new ZipStore(std::move(below), std::move(key), std::move(archive)));
}

std::shared_ptr<const ZipStore::Archive> ZipStore::archive() const {
  const std::lock_guard lock(mutex_);
  return archive_;
}

Result<std::shared_ptr<const ZipStore::Archive>> ZipStore::reopened(const Archive& seen) const {
  if (auto now = archive(); now.get() != &seen) return now;  // another thread was faster
  ND_ASSIGN(ZipDirectory directory, ZipDirectory::read(*below_, key_));
  auto fresh = std::make_shared<const Archive>(std::move(directory));
  const std::lock_guard lock(mutex_);
  archive_ = fresh;
  return fresh;
}

Result<std::optional<Bytes>> ZipStore::get(std::string_view key, ByteRange range) const {
  ND_ASSIGN(std::optional<StoredBytes> stored, read(key, range, {}));
  if (!stored) return std::nullopt;
  return std::move(stored->bytes);
}

Result<std::optional<StoredBytes>> ZipStore::read(std::string_view key, ByteRange range,
                                                  const std::stop_token& stop) const {
  constexpr int kAttempts = 3;
  ND_TRY(check_key(key));
  std::shared_ptr<const Archive> now = archive();
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const ZipEntry* entry = now->directory().find(key);
    if (!entry) return std::nullopt;
    auto bytes = now->read(*below_, key_, *entry, range, stop);
    if (bytes) return StoredBytes{*std::move(bytes), now->directory().version()};
    if (const Error* error = std::get_if<Error>(&bytes.error())) {
      return fail(error->code, "{}: {}", describe(), error->message);
    }
    ND_ASSIGN(now, reopened(*now));
  }
  return fail(ErrorCode::Corrupt, "{}: was changed each of {} times that it was read", describe(), kAttempts);
}

Result<std::optional<std::uint64_t>> ZipStore::size(std::string_view key) const {
  ND_TRY(check_key(key));
  const auto now = archive();
  const ZipEntry* entry = now->directory().find(key);
  if (!entry) return std::nullopt;
  return entry->size;
}

Result<std::optional<ObjectInfo>> ZipStore::stat(std::string_view key) const {
  ND_TRY(check_key(key));
  std::shared_ptr<const Archive> now = archive();
  ND_ASSIGN(const std::optional<ObjectInfo> below, below_->stat(key_));
  if (!below) return std::nullopt;
  if (below->version != now->directory().version()) {
    ND_ASSIGN(now, reopened(*now));
  }
  const ZipEntry* entry = now->directory().find(key);
  if (!entry) return std::nullopt;
  return ObjectInfo{entry->size, now->directory().version()};
}

std::string ZipStore::describe() const { return fmt::format("{}/{}", below_->describe(), key_); }

Result<std::vector<StoreEntry>> ZipStore::list(std::string_view prefix, std::size_t at_most) const {
  if (!prefix.empty()) ND_TRY(check_key(prefix));
  return archive()->directory().list(prefix, at_most);
}

bool is_zip_name(std::string_view name) {
  const auto ends = [name](std::string_view suffix) {
    return name.size() > suffix.size() &&
           std::ranges::equal(name.substr(name.size() - suffix.size()), suffix,
                              [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; });
  };
  return ends(".zip") || ends(".ozx");
}

}  // namespace ndcast::image
