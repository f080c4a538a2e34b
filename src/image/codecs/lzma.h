#pragma once
// LZMA in the containers that Python's lzma module writes. {"format": 1, "check", "preset", "filters"}: format 0 finds
// out, 1 is .xz (the default), 2 is .lzma, 3 is raw, which alone needs "filters" to be decoded.

#include <memory>

#include "image/codec.h"

namespace ndcast::image {

/// Errors: Invalid, Unsupported (a filter), Limit (a dictionary over limits::kDecoderBytes).
Result<std::unique_ptr<const BytesCodec>> make_lzma(const Json& config, std::string_view where);

}  // namespace ndcast::image
