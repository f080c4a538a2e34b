#pragma once
// numcodecs' shuffle: byte k of every element stored together. {"elementsize": n}

#include <memory>

#include "image/codec.h"

namespace ndcast::image {

Result<std::unique_ptr<const BytesCodec>> make_shuffle(const Json& config, std::string_view where);

}  // namespace ndcast::image
