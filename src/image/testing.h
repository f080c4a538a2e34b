#pragma once
// What the tests of this part share: metadata written in one line, bytes from values, arrays in memory.

#include <cstring>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "image/memory_store.h"
#include "image/zarr_array.h"

namespace ndcast::image::testing {

template <class T>
Bytes bytes_of(const std::vector<T>& values) {
  Bytes out(values.size() * sizeof(T));
  if (!out.empty()) std::memcpy(out.data(), values.data(), out.size());
  return out;
}

template <class T>
std::vector<T> values_of(std::span<const std::byte> bytes) {
  std::vector<T> out(bytes.size() / sizeof(T));
  if (!out.empty()) std::memcpy(out.data(), bytes.data(), out.size() * sizeof(T));
  return out;
}

template <class T>
std::vector<T> counting(std::size_t count, T first = 0) {
  std::vector<T> out(count);
  std::iota(out.begin(), out.end(), first);
  return out;
}

inline void append(Bytes& out, const Bytes& more) { out.insert(out.end(), more.begin(), more.end()); }

/// A v3 array's document; pass JSON text for the parts.
struct V3 {
  std::string shape = "[4]";
  std::string chunks = "[2]";
  std::string dtype = "uint8";
  std::string fill = "0";
  std::string codecs = R"(["bytes"])";
  std::string more;  ///< further members, each opening with a comma

  std::string text() const {
    return fmt::format(R"({{"zarr_format":3,"node_type":"array","shape":{},"data_type":"{}","fill_value":{},)"
                       R"("chunk_grid":{{"name":"regular","configuration":{{"chunk_shape":{}}}}},)"
                       R"("chunk_key_encoding":{{"name":"default"}},"codecs":{}{}}})",
                       shape, dtype, fill, chunks, codecs, more);
  }
};

/// A v2 array's document.
struct V2 {
  std::string shape = "[4]";
  std::string chunks = "[2]";
  std::string dtype = R"("|u1")";
  std::string fill = "0";
  std::string order = "C";
  std::string compressor = "null";
  std::string filters = "null";
  std::string more;

  std::string text() const {
    return fmt::format(R"({{"zarr_format":2,"shape":{},"chunks":{},"dtype":{},"fill_value":{},"order":"{}",)"
                       R"("compressor":{},"filters":{}{}}})",
                       shape, chunks, dtype, fill, order, compressor, filters, more);
  }
};

inline std::shared_ptr<const ZarrArray> opened(std::shared_ptr<const Store> store, std::string path = "") {
  auto array = open_array(std::move(store), std::move(path));
  EXPECT_TRUE(array) << (array ? "" : array.error().message);
  return array ? *array : nullptr;
}

/// The error of something that has to fail.
template <class T>
Error error_of(const Result<T>& result) {
  EXPECT_FALSE(result);
  return result ? Error{} : result.error();
}

template <class T>
std::vector<T> chunk_values(const ZarrArray& array, std::vector<std::int64_t> position) {
  const auto chunk = array.read_chunk(position);
  EXPECT_TRUE(chunk) << (chunk ? "" : chunk.error().message);
  return chunk ? values_of<T>((*chunk)->data) : std::vector<T>{};
}

}  // namespace ndcast::image::testing
