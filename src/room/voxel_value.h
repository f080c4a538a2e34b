#pragma once
// A voxel's value as JSON says it.

#include <cstddef>

#include "base/json.h"
#include "image/dtype.h"

namespace ndcast::room {

/// One element at `at`: a whole number or a floating one, 64 bits of both in full; "nan", "inf", "-inf".
Json voxel_value(image::DType dtype, const std::byte* at);

}  // namespace ndcast::room
