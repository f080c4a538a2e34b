#pragma once
// Where stored bytes come from: a key ("0/c/1/2", "zarr.json") to an object, whole or a range of it. The lowest step of
// the way from bytes to voxels; each kind of storage is a sibling of file_store.h and memory_store.h.
//
//   ND_ASSIGN(const std::optional<Bytes> index, store.get("c/0/0", ByteRange::suffix(20)));
//   if (!index) return fill;  // a missing object is no error

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/buffer.h"
#include "base/limits.h"
#include "base/result.h"

namespace ndcast::image {

/// Bytes that are not given a value are not written (base/buffer.h).
using Bytes = Buffer;

/// Which bytes of an object.
struct ByteRange {
  enum class Kind { Whole, Slice, Suffix };

  Kind kind = Kind::Whole;
  std::uint64_t offset = 0;                           ///< Slice only
  std::uint64_t length = limits::kStoredObjectBytes;  ///< exact for Slice and Suffix, the most allowed for Whole

  /// The whole object; one of more than `at_most` bytes is refused (Limit).
  static constexpr ByteRange whole(std::uint64_t at_most = limits::kStoredObjectBytes) {
    return {Kind::Whole, 0, at_most};
  }
  static constexpr ByteRange slice(std::uint64_t offset, std::uint64_t length) { return {Kind::Slice, offset, length}; }
  /// The last `length` bytes.
  static constexpr ByteRange suffix(std::uint64_t length) { return {Kind::Suffix, 0, length}; }

  /// The first byte and the count that this range means in an object of `size` bytes. Errors: Corrupt when it reaches
  /// outside the object, Limit when it is longer than kStoredObjectBytes or the whole is longer than allowed.
  struct Resolved {
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
  };
  Result<Resolved> resolve(std::uint64_t size, std::string_view key) const;
};

/// Names one generation of an object: opaque, compared for equality only. Empty where a store cannot tell generations
/// apart (an HTTP server that sends neither ETag nor Last-Modified).
using Version = std::string;

struct StoredBytes {
  Bytes bytes;      ///< all of one generation
  Version version;  ///< which
};

struct ObjectInfo {
  std::uint64_t size = 0;
  Version version;
};

struct StoreEntry {
  std::string name;  ///< one segment, without a slash
  bool is_directory = false;
};

/// Every member may be called from any thread at once. Objects may be rewritten by others while they are read; one read
/// is of one generation (Version).
///
/// Keys are relative, segments joined by "/". An empty, "." or ".." segment, a leading slash, a backslash or a NUL is
/// Invalid: no key leaves the store.
class Store {
 public:
  virtual ~Store() = default;

  /// The bytes, or nothing when there is no such object. May block. Errors: Invalid (key), Io, Forbidden, and those of
  /// ByteRange::resolve().
  virtual Result<std::optional<Bytes>> get(std::string_view key, ByteRange range = {}) const = 0;
  /// Size in bytes, or nothing when there is no such object.
  virtual Result<std::optional<std::uint64_t>> size(std::string_view key) const = 0;
  /// The same as get(), and which generation of the object the bytes are of: whoever reads an object in parts compares
  /// the parts' versions. Ends early with Cancelled when `stop` is requested, where waiting can be cut short.
  virtual Result<std::optional<StoredBytes>> read(std::string_view key, ByteRange range,
                                                  const std::stop_token& stop) const;
  /// The same as size(), and which generation it is.
  virtual Result<std::optional<ObjectInfo>> stat(std::string_view key) const;
  /// How many reads at once pay: 0 where reads are as fast as decoding, more where they wait for a network.
  virtual std::size_t concurrency() const { return 0; }
  /// What and where, for messages: "/data/a.zarr", "memory". Never holds a secret.
  virtual std::string describe() const = 0;
  /// What opens the node at `key` again: a path or URI. describe() with the key behind it, unless that needs escapes.
  virtual std::string uri_of(std::string_view key) const;
  /// The direct children of a prefix ("" is the root), sorted by name, at most `at_most` of them. Not every store can
  /// list: Unsupported.
  virtual Result<std::vector<StoreEntry>> list(std::string_view prefix,
                                               std::size_t at_most = limits::kDirectoryEntries) const;
};

/// Refuses what the class comment of Store names.
Result<void> check_key(std::string_view key);

/// "a" and "b/c" → "a/b/c"; an empty part adds nothing.
std::string join_key(std::string_view prefix, std::string_view key);

}  // namespace ndcast::image
