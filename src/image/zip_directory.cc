#include "image/zip_directory.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/store_limits.h"
#include "image/little_endian.h"
#include "image/store_entries.h"

namespace ndcast::image {
namespace {

constexpr std::uint32_t kEndSignature = 0x06054b50;
constexpr std::uint32_t kEnd64Signature = 0x06064b50;
constexpr std::uint32_t kLocatorSignature = 0x07064b50;
constexpr std::uint32_t kEntrySignature = 0x02014b50;
constexpr std::size_t kEndBytes = 22;
constexpr std::size_t kEnd64Bytes = 56;
constexpr std::size_t kLocatorBytes = 20;
constexpr std::size_t kEntryBytes = 46;
constexpr std::size_t kLocalHeaderBytes = 30;
constexpr std::size_t kLongestComment = 0xffff;
constexpr std::uint16_t kZip64Extra = 1;
constexpr std::uint16_t kIn64_16 = 0xffff;
constexpr std::uint32_t kIn64_32 = 0xffffffff;
/// Deflate turns at most 258 bytes into two bits (RFC 1951): 1032 to 1, and a few bytes of frame.
constexpr std::uint64_t kDeflateRatio = 1032;
constexpr std::uint64_t kDeflateFrame = 64;

/// Where the end record begins in the archive's last bytes: the last signature whose comment ends with the archive.
std::optional<std::size_t> find_end(const Bytes& tail) {
  if (tail.size() < kEndBytes) return std::nullopt;
  for (std::size_t at = tail.size() - kEndBytes + 1; at-- > 0;) {
    if (little32(tail, at) == kEndSignature && at + kEndBytes + little16(tail, at + 20) == tail.size()) return at;
  }
  return std::nullopt;
}

/// The fields that Zip64 moves into an extra field, in their order (APPNOTE 4.5.3).
Result<void> read_zip64_extra(const Bytes& bytes, std::size_t at, std::size_t length, ZipEntry& entry) {
  const std::size_t end = at + length;
  while (end - at >= 4) {
    const std::uint16_t id = little16(bytes, at);
    const std::size_t size = little16(bytes, at + 2);
    at += 4;
    if (size > end - at) break;  // other tools' padding
    std::size_t field = at;
    at += size;
    if (id != kZip64Extra) continue;
    for (std::uint64_t* value : {&entry.size, &entry.stored_bytes, &entry.header_offset}) {
      if (*value != kIn64_32) continue;
      if (at - field < 8) return fail(ErrorCode::Corrupt, "\"{}\": its Zip64 field is cut off", entry.name);
      *value = little64(bytes, field);
      field += 8;
    }
  }
  return {};
}

}  // namespace

/// Reads the archive's end; one a directory.
class ZipDirectory::Reader {
 public:
  Reader(const Store& store, std::string_view key) : store_(store), key_(key) {}

  Result<ZipDirectory> read() {
    ND_ASSIGN(const std::optional<ObjectInfo> object, store_.stat(key_));
    if (!object) return fail(ErrorCode::NotFound, "{}: no \"{}\"", store_.describe(), key_);
    size_ = object->size;
    version_ = object->version;
    const std::uint64_t tail_bytes = std::min<std::uint64_t>(size_, kLongestComment + kEndBytes + kLocatorBytes);
    ND_ASSIGN(tail_, part(size_ - tail_bytes, tail_bytes));
    ND_ASSIGN(const End end, find());
    ZipDirectory out;
    out.version_ = version_;
    const std::uint64_t start = end.directory_offset + end.shift;
    if (start >= size_ - tail_bytes) {
      const auto first = tail_.begin() + static_cast<std::ptrdiff_t>(start - (size_ - tail_bytes));
      out.bytes_.assign(first, first + static_cast<std::ptrdiff_t>(end.directory_bytes));
    } else {
      ND_ASSIGN(out.bytes_, part(start, end.directory_bytes));
    }
    ND_TRY(out.parse(end, key_));
    ND_TRY(out.check_places(start, key_));
    return out;
  }

 private:
  Result<Bytes> part(std::uint64_t offset, std::uint64_t length) const {
    ND_ASSIGN(std::optional<StoredBytes> stored, store_.read(key_, ByteRange::slice(offset, length), {}));
    if (!stored || stored->version != version_) {
      return fail(ErrorCode::Corrupt, "{}: was changed while its directory was read", key_);
    }
    return std::move(stored->bytes);
  }

  Result<End> find() const {
    const auto at = find_end(tail_);
    if (!at) return fail(ErrorCode::Corrupt, "{}: no end record of a zip archive in its last bytes", key_);
    if (little16(tail_, *at + 4) != 0 && little16(tail_, *at + 4) != kIn64_16) {
      return fail(ErrorCode::Unsupported, "{}: one of several disks of a zip archive", key_);
    }
    const std::uint64_t position = size_ - tail_.size() + *at;
    End end{little32(tail_, *at + 16), little32(tail_, *at + 12), little16(tail_, *at + 10)};
    const bool moved = end.directory_offset == kIn64_32 || end.directory_bytes == kIn64_32 || end.entries == kIn64_16;
    if (moved && *at >= kLocatorBytes && little32(tail_, *at - kLocatorBytes) == kLocatorSignature) {
      return find_zip64(position, little64(tail_, *at - kLocatorBytes + 8));
    }
    return placed(end, position);
  }

  Result<End> find_zip64(std::uint64_t end_position, std::uint64_t offset) const {
    // Directly before the locator, unless there is something before the archive: then the offset is too small.
    const std::uint64_t usual = end_position - kLocatorBytes - std::min(end_position - kLocatorBytes, kEnd64Bytes);
    for (const std::uint64_t candidate : {offset, usual}) {
      if (size_ < kEnd64Bytes || candidate > size_ - kEnd64Bytes) continue;
      ND_ASSIGN(const Bytes record, part(candidate, kEnd64Bytes));
      if (little32(record, 0) != kEnd64Signature) continue;
      return placed({little64(record, 48), little64(record, 40), little64(record, 32)}, candidate);
    }
    return fail(ErrorCode::Corrupt, "{}: no Zip64 end record at byte {}", key_, offset);
  }

  /// The directory ends where the end record begins; what is missing lies before the archive.
  Result<End> placed(End end, std::uint64_t record) const {
    if (end.directory_bytes > limits::kZipDirectoryBytes) {
      return fail(ErrorCode::Limit, "{}: a zip directory of {} bytes, at most {}", key_, end.directory_bytes,
                  limits::kZipDirectoryBytes);
    }
    if (end.directory_bytes > record || end.directory_offset > record - end.directory_bytes) {
      return fail(ErrorCode::Corrupt, "{}: a zip directory of {} bytes at {} before its end record at {}", key_,
                  end.directory_bytes, end.directory_offset, record);
    }
    end.shift = record - end.directory_bytes - end.directory_offset;
    return end;
  }

  const Store& store_;
  std::string_view key_;
  std::uint64_t size_ = 0;
  Version version_;
  Bytes tail_;
};

Result<ZipDirectory> ZipDirectory::read(const Store& store, std::string_view key) { return Reader(store, key).read(); }

Result<void> ZipDirectory::parse(const End& end, std::string_view key) {
  // A lying count must not make us reserve more than the bytes can hold.
  entries_.reserve(std::min<std::uint64_t>(end.entries, bytes_.size() / kEntryBytes));
  std::size_t at = 0;
  while (bytes_.size() - at >= kEntryBytes && little32(bytes_, at) == kEntrySignature) {
    const std::size_t name_bytes = little16(bytes_, at + 28);
    const std::size_t extra_bytes = little16(bytes_, at + 30);
    const std::size_t comment_bytes = little16(bytes_, at + 32);
    if (name_bytes + extra_bytes + comment_bytes > bytes_.size() - at - kEntryBytes) {
      return fail(ErrorCode::Corrupt, "{}: entry {} of its zip directory is cut off", key, entries_.size());
    }
    ZipEntry entry;
    entry.name = {reinterpret_cast<const char*>(bytes_.data()) + at + kEntryBytes, name_bytes};
    entry.encrypted = (little16(bytes_, at + 8) & 1U) != 0;
    entry.method = little16(bytes_, at + 10);
    entry.crc = little32(bytes_, at + 16);
    entry.stored_bytes = little32(bytes_, at + 20);
    entry.size = little32(bytes_, at + 24);
    entry.header_offset = little32(bytes_, at + 42);
    ND_TRY(read_zip64_extra(bytes_, at + kEntryBytes + name_bytes, extra_bytes, entry));
    if (__builtin_add_overflow(entry.header_offset, end.shift, &entry.header_offset)) {
      return fail(ErrorCode::Corrupt, "{}: \"{}\" lies outside the archive", key, entry.name);
    }
    entries_.push_back(entry);
    at += kEntryBytes + name_bytes + extra_bytes + comment_bytes;
  }
  if (entries_.size() != end.entries) {
    return fail(ErrorCode::Corrupt, "{}: its zip directory lists {} entries, its end record says {}", key,
                entries_.size(), end.entries);
  }
  // Stable: the last of several of one name stays last.
  std::ranges::stable_sort(entries_, {}, &ZipEntry::name);
  return {};
}

/// No entry may reach into another or into the directory: the zips of death do (Fifield, "A better zip bomb", 2019).
Result<void> ZipDirectory::check_places(std::uint64_t directory_start, std::string_view key) const {
  std::vector<const ZipEntry*> order;
  order.reserve(entries_.size());
  for (const ZipEntry& entry : entries_) order.push_back(&entry);
  std::ranges::sort(order, {}, &ZipEntry::header_offset);
  for (std::size_t i = 0; i < order.size(); ++i) {
    const ZipEntry& entry = *order[i];
    const std::uint64_t limit = i + 1 < order.size() ? order[i + 1]->header_offset : directory_start;
    const std::uint64_t header = kLocalHeaderBytes + entry.name.size();
    if (limit < entry.header_offset || limit - entry.header_offset < header ||
        limit - entry.header_offset - header < entry.stored_bytes) {
      return fail(ErrorCode::Corrupt, "{}: \"{}\" reaches into what follows it in the archive", key, entry.name);
    }
    const bool possible =
        entry.method != ZipEntry::kDeflated || entry.size / kDeflateRatio <= entry.stored_bytes + kDeflateFrame;
    if (!possible || (entry.method == ZipEntry::kStored && entry.size != entry.stored_bytes && !entry.encrypted)) {
      return fail(ErrorCode::Corrupt, "{}: \"{}\" says that its {} bytes become {}", key, entry.name,
                  entry.stored_bytes, entry.size);
    }
  }
  return {};
}

const ZipEntry* ZipDirectory::find(std::string_view name) const {
  const auto after = std::ranges::upper_bound(entries_, name, {}, &ZipEntry::name);
  if (after == entries_.begin() || std::prev(after)->name != name) return nullptr;
  return &*std::prev(after);
}

std::vector<StoreEntry> ZipDirectory::list(std::string_view folder, std::size_t at_most) const {
  const std::string prefix = folder.empty() ? "" : std::string(folder) + "/";
  std::vector<StoreEntry> out;
  auto it = std::ranges::lower_bound(entries_, std::string_view(prefix), {}, &ZipEntry::name);
  for (; it != entries_.end() && it->name.starts_with(prefix) && out.size() <= 2 * at_most; ++it) {
    const std::string_view rest = it->name.substr(prefix.size());
    const std::size_t slash = rest.find('/');
    const std::string_view name = rest.substr(0, slash);
    const bool is_directory = slash != std::string_view::npos;
    if (!check_key(name)) continue;
    out.push_back({std::string(name), is_directory});
    if (is_directory) {
      // Everything below the child at once: '0' follows '/'.
      const std::string past = prefix + std::string(name) + "0";
      it =
          std::prev(std::lower_bound(it + 1, entries_.end(), std::string_view(past),
                                     [](const ZipEntry& entry, std::string_view bound) { return entry.name < bound; }));
    }
  }
  // "a", "a-b", "a/c": entries of one child need not be neighbours, as '-' sorts before '/'.
  tidy_entries(out, at_most);
  return out;
}

}  // namespace ndcast::image
