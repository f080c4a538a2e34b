#pragma once
// zarr v3's sharding_indexed: parsing its configuration. Reading through the index is chunk_reader.h's business, since
// it fetches ranges of the shard instead of decoding all of it.

#include "image/codec_chain.h"

namespace ndcast::image {

/// {"chunk_shape", "codecs", "index_codecs", "index_location"} for a shard of `shard`'s shape. Errors: Invalid (an
/// inner shape that does not divide the shard, an index of unknown size), Unsupported, Limit (a large index).
Result<Sharding> parse_sharding(const Json& config, const ArraySpec& shard, std::string_view where);

}  // namespace ndcast::image
