#include "image/store.h"

#include <algorithm>

namespace ndcast::image {

Result<ByteRange::Resolved> ByteRange::resolve(std::uint64_t size, std::string_view key) const {
  if (kind == Kind::Whole) {
    if (size > length) return fail(ErrorCode::Limit, "{}: {} bytes, at most {} are read", key, size, length);
    return Resolved{0, size};
  }
  const std::uint64_t first = kind == Kind::Suffix ? (length <= size ? size - length : size) : offset;
  if (first > size || length > size - first) {
    return kind == Kind::Suffix
               ? fail(ErrorCode::Corrupt, "{}: {} bytes, expected at least {}", key, size, length)
               : fail(ErrorCode::Corrupt, "{}: bytes [{}, +{}) reach outside its {} bytes", key, offset, length, size);
  }
  if (length > limits::kStoredObjectBytes) {
    return fail(ErrorCode::Limit, "{}: a read of {} bytes, at most {}", key, length, limits::kStoredObjectBytes);
  }
  return Resolved{first, length};
}

Result<std::optional<StoredBytes>> Store::read(std::string_view key, ByteRange range, const std::stop_token&) const {
  ND_ASSIGN(std::optional<Bytes> bytes, get(key, range));
  if (!bytes) return std::nullopt;
  return StoredBytes{*std::move(bytes), {}};
}

Result<std::optional<ObjectInfo>> Store::stat(std::string_view key) const {
  ND_ASSIGN(const std::optional<std::uint64_t> bytes, size(key));
  if (!bytes) return std::nullopt;
  return ObjectInfo{*bytes, {}};
}

std::string Store::uri_of(std::string_view key) const { return join_key(describe(), key); }

Result<std::vector<StoreEntry>> Store::list(std::string_view prefix, std::size_t) const {
  return fail(ErrorCode::Unsupported, "{}: cannot list \"{}\"", describe(), prefix);
}

Result<void> check_key(std::string_view key) {
  if (key.size() > limits::kPathBytes) {
    return fail(ErrorCode::Invalid, "a key of {} bytes, at most {}", key.size(), limits::kPathBytes);
  }
  if (key.find('\0') != std::string_view::npos || key.find('\\') != std::string_view::npos) {
    return fail(ErrorCode::Invalid, "key \"{}\" holds a NUL or a backslash", key);
  }
  for (std::string_view rest = key;;) {
    const std::size_t slash = rest.find('/');
    const std::string_view segment = rest.substr(0, slash);
    if (segment.empty() || segment == "." || segment == "..") {
      return fail(ErrorCode::Invalid, "key \"{}\" has the segment \"{}\"; expected names joined by \"/\"", key,
                  segment);
    }
    if (slash == std::string_view::npos) return {};
    rest.remove_prefix(slash + 1);
  }
}

std::string join_key(std::string_view prefix, std::string_view key) {
  if (prefix.empty()) return std::string(key);
  if (key.empty()) return std::string(prefix);
  return fmt::format("{}/{}", prefix, key);
}

}  // namespace ndcast::image
