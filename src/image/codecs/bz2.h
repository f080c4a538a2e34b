#pragma once
// bzip2 streams, one or several. The configuration ("level") is not needed to decode.

#include <memory>

#include "image/codec.h"

namespace ndcast::image {

Result<std::unique_ptr<const BytesCodec>> make_bz2(const Json& config, std::string_view where);

}  // namespace ndcast::image
