#pragma once
// What the parsers of both zarr versions share.

#include "image/json_fields.h"
#include "image/zarr_metadata.h"

namespace ndcast::image {

/// Derives chunk_shape from the chain and refuses what would overflow. Errors: Limit.
Result<void> finish_metadata(ArrayMetadata& metadata, std::string_view where);

/// "." or "/". Errors: Invalid.
Result<char> parse_separator(const Json& value, std::string_view where);

/// One name an axis, "" for null; empty when `value` is no list of that length or names nothing.
std::vector<std::string> names_from(const Json* value, std::size_t ndim);

}  // namespace ndcast::image
