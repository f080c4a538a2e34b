#pragma once
// One element from metadata: the fill value as zarr v2 and v3 write it.

#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "image/dtype.h"

namespace ndcast::image {

/// A native-endian element. Numbers (for integers also 3.0, and "3" as some writers quote it), true and false, "NaN",
/// "Infinity", "-Infinity" and what other writers call them, "0x…" (exact bits of a floating-point element, v3), base64
/// of one element's little-endian bytes; null is 0. Errors: Invalid (out of range for the type, or anything else).
Result<std::vector<std::byte>> parse_fill_value(const Json& value, DType dtype, std::string_view where);

}  // namespace ndcast::image
