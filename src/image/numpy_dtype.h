#pragma once
// numpy's type strings ("<u2", ">f8", "|b1"), as zarr v2 and numcodecs' configurations write element types, and bytes
// in either byte order.

#include <algorithm>
#include <bit>
#include <cstring>
#include <span>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "image/dtype.h"

namespace ndcast::image {

struct StoredType {
  DType dtype = DType::UInt8;
  bool big_endian = false;  ///< always false for one-byte types

  /// True when elements have to be byte-swapped to become native.
  bool swapped() const { return byte_size(dtype) > 1 && big_endian != (std::endian::native == std::endian::big); }
};

/// Also takes numpy's names ("int32", native order), as v3's numcodecs configurations write them. Errors: Unsupported
/// (complex, time, text, raw and structured types, by name), Invalid (anything else). `where` opens
/// the message.
Result<StoredType> parse_numpy_dtype(const Json& value, std::string_view where);

/// Reverses the bytes of each element of `element_bytes` bytes.
void swap_bytes(std::span<std::byte> bytes, std::size_t element_bytes);

/// One element of type T, no alignment needed.
template <class T>
T load_element(const std::byte* at, bool swapped) {
  std::byte raw[sizeof(T)];
  std::memcpy(raw, at, sizeof raw);
  if (swapped) std::ranges::reverse(raw);
  return std::bit_cast<T>(raw);
}

template <class T>
void store_element(std::byte* at, T value, bool swapped) {
  std::memcpy(at, &value, sizeof value);
  if (swapped) std::reverse(at, at + sizeof value);
}

}  // namespace ndcast::image
