#pragma once
// What the metadata of one array says, checked: the step between JSON and ZarrArray. v2's ".zarray" and v3's
// "zarr.json" become the same struct.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "image/codec_chain.h"
#include "image/dtype.h"

namespace ndcast::image {

struct ArrayMetadata {
  int zarr_format = 3;
  DType dtype = DType::UInt8;
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> object_shape;  ///< voxels of one stored object: the chunk, or the shard
  std::vector<std::int64_t> chunk_shape;   ///< voxels decoded at once: the innermost inner chunk of a shard
  std::vector<std::byte> fill;             ///< one element, native endian
  CodecChain chain;                        ///< of one stored object
  bool prefix_keys = true;                 ///< "c/1/2" (v3 default) or "1.2" (v2)
  char separator = '/';
  bool separator_given = true;  ///< false for a v2 array that leaves it out
  std::vector<std::string> dimension_names;
  Json attributes = Json::make_object();

  bool sharded() const { return chain.sharding != nullptr; }
  /// Key of the stored object at a position in its grid, below the array's path: "c/0/1", "0.1", "0", "c".
  std::string object_key(std::span<const std::int64_t> position) const;
};

/// `where` is the document's key and opens the messages. Errors: Invalid (a field, with what was found and expected),
/// Unsupported (a dtype, codec, grid or extension, by name), Limit.
Result<ArrayMetadata> parse_zarr_v3(const Json& document, std::string_view where);

/// `attributes` is the ".zattrs" beside it, or an empty object.
Result<ArrayMetadata> parse_zarr_v2(const Json& document, Json attributes, std::string_view where);

}  // namespace ndcast::image
