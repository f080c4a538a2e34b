#pragma once
// zarr v3's transpose: encoded axis i is decoded axis order[i]. {"order": [2, 1, 0]}; old files say "C" or "F",
// which codec_chain.cc translates, since only it knows how many axes there are.

#include <memory>

#include "image/codec.h"

namespace ndcast::image {

Result<std::unique_ptr<const ArrayCodec>> make_transpose(const Json& config, std::string_view where);

/// The permutation that makes Fortran order of C order.
std::unique_ptr<const ArrayCodec> make_reversed_axes(std::size_t ndim);

}  // namespace ndcast::image
