#pragma once
// Codecs turn stored bytes back into voxels. A chunk was encoded array → array (transpose, delta) → bytes (byte order,
// sharding) → bytes (blosc, zstd, …); decoding walks back. Each codec is one file set in codecs/ and one line of the
// table in codec.cc; codec_chain.h strings them together.
//
//   const CodecRegistration* gzip = find_codec("gzip", 3);
//   ND_ASSIGN(const std::unique_ptr<const BytesCodec> codec, gzip->make_bytes(Json::make_object(), "zarr.json:
//   codecs[1]")); ND_ASSIGN(const Bytes voxels, codec->decode(stored, {.bytes = 4096, .exact = true}));

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "image/dtype.h"
#include "image/store.h"

namespace ndcast::image {

/// What an array codec sees: element type and shape, slowest axis first.
struct ArraySpec {
  DType dtype = DType::UInt8;
  std::vector<std::int64_t> shape;
  /// Meaningful after checked_bytes() accepted it.
  std::size_t bytes() const;
};

/// Errors: Limit when the array does not fit limits::kChunkBytes; `where` opens the message.
Result<std::size_t> checked_bytes(const ArraySpec& spec, std::string_view where);

/// How many bytes a decoder has to produce: exactly, or at most.
struct SizeBound {
  std::size_t bytes = 0;
  bool exact = false;
};

/// bytes → bytes. Immutable, thread-safe.
class BytesCodec {
 public:
  virtual ~BytesCodec() = default;
  /// Never produces or allocates more than `size.bytes` (and little besides). Errors: Corrupt, with the codec's name.
  virtual Result<Bytes> decode(std::span<const std::byte> stored, SizeBound size) const = 0;
  /// What `decoded` may be encoded to. Unless overridden: anything up to twice the size, since encoders may expand.
  virtual SizeBound encoded_size(SizeBound decoded) const { return {2 * decoded.bytes + 65'536, false}; }
};

/// array → array, on native-endian elements in C order. Immutable, thread-safe.
class ArrayCodec {
 public:
  virtual ~ArrayCodec() = default;
  /// The array that the encoder made of `decoded`. Errors: Invalid (the configuration does not fit the array).
  virtual Result<ArraySpec> encoded(const ArraySpec& decoded) const = 0;
  /// `stored` has exactly encoded(decoded).bytes() bytes.
  virtual Result<Bytes> decode(Bytes stored, const ArraySpec& decoded) const = 0;
  /// For a codec that only permutes axes: encoded axis i is decoded axis order[i]. Null for others.
  virtual const std::vector<std::size_t>* axis_order() const { return nullptr; }
};

/// How a codec is made of its configuration (an object; v2's carries "id"). `where` opens the messages of errors.
using MakeBytesCodec = Result<std::unique_ptr<const BytesCodec>> (*)(const Json& config, std::string_view where);
using MakeArrayCodec = Result<std::unique_ptr<const ArrayCodec>> (*)(const Json& config, std::string_view where);

struct CodecRegistration {
  std::string_view v2_id;    ///< "" if v2 has no such compressor or filter
  std::string_view v3_name;  ///< "numcodecs.…" names stand for themselves
  MakeBytesCodec make_bytes = nullptr;
  MakeArrayCodec make_array = nullptr;  ///< preferred in a v3 chain before the array → bytes codec
};

/// By v2 id (zarr_format 2) or v3 name (3); null when this build has no such codec.
const CodecRegistration* find_codec(std::string_view name, int zarr_format);
/// Names for messages: "blosc, crc32c, …".
std::string known_codecs(int zarr_format);

// --- for the implementations ---

/// Corrupt unless `produced` is what `size` asks for.
Result<void> check_size(std::string_view codec, std::size_t produced, SizeBound size);

/// An integer member of a configuration. Errors: Invalid.
Result<std::int64_t> config_integer(const Json& config, std::string_view key, std::string_view where);

}  // namespace ndcast::image
