#pragma once
// The codecs of one array in order, checked against its chunk's shape and type when the metadata is parsed, so that
// decoding meets only bad bytes. A chain that ends in sharding holds another chain for the inner chunks.
//
//   transpose → bytes → zstd:                decode() undoes zstd, byte order, transpose
//   sharding_indexed(inner: bytes → blosc):  chunk_reader.h finds the inner chunk, sharding->inner.decode() decodes it

#include <memory>
#include <string>
#include <vector>

#include "image/codec.h"
#include "image/numpy_dtype.h"

namespace ndcast::image {

struct Sharding;

/// Immutable once parsed.
struct CodecChain {
  ArraySpec decoded;  ///< what decode() gives: native endian, C order
  std::vector<std::unique_ptr<const ArrayCodec>> array_codecs;
  std::vector<ArraySpec> array_specs;  ///< decoded form of each array codec; then what array → bytes sees
  StoredType stored_type;              ///< of the elements once array codecs are done
  std::unique_ptr<const Sharding> sharding;
  std::vector<std::unique_ptr<const BytesCodec>> bytes_codecs;
  std::vector<SizeBound> bytes_sizes;  ///< decoded size of each bytes codec; then the stored size
  std::vector<std::string> names;      ///< flattened, for people

  /// Bounds a read of what is stored.
  SizeBound stored_size() const;
  /// bytes → bytes codecs alone. Errors: Corrupt.
  Result<Bytes> decode_bytes(Bytes stored) const;
  /// Everything; not for a chain with sharding. Errors: Corrupt.
  Result<Bytes> decode(Bytes stored) const;
  /// What one read decodes, in the axis order of `decoded`: all of it, or the innermost inner chunk of a shard.
  std::vector<std::int64_t> unit_shape() const;

 private:
  Result<Bytes> decode_arrays(Bytes elements) const;
};

/// sharding_indexed (zarr v3.1 codecs): many inner chunks in one object, found through an index of (offset, nbytes).
struct Sharding {
  std::vector<std::int64_t> inner_shape;
  std::vector<std::int64_t> chunks_per_shard;
  CodecChain inner;
  CodecChain index;  ///< of uint64 [chunks_per_shard…, 2]
  bool index_at_start = false;

  std::size_t index_stored_bytes() const { return index.stored_size().bytes; }
};

/// The "codecs" list of a v3 array. Errors: Invalid, Unsupported (by name), Limit; `where` opens the message.
Result<CodecChain> parse_codec_chain(const Json& codecs, ArraySpec decoded, std::string_view where);

/// The same meaning for a v2 array: order "F" is a transpose, filters run before the compressor (null: none).
struct V2Encoding {
  StoredType type;
  bool fortran_order = false;
  const Json* filters = nullptr;
  const Json* compressor = nullptr;
};
Result<CodecChain> make_v2_chain(const V2Encoding& encoding, std::vector<std::int64_t> chunk_shape,
                                 std::string_view where);

}  // namespace ndcast::image
