#pragma once
// Voxels that lie in C order, one after the other, in some bytes: what NIfTI, NRRD, MetaImage and raw files come down
// to once their headers are read.

#include <bit>
#include <memory>

#include "convert/byte_input.h"
#include "convert/source.h"

namespace ndcast::convert {

struct DenseLayout {
  std::unique_ptr<ByteInput> input;
  std::uint64_t offset = 0;  ///< of the first voxel
  std::endian byte_order = std::endian::native;
};

/// `info` needs format, path, dtype, shape, axes; the rest of how to read is filled in here. Errors: Corrupt when the
/// input cannot hold what the shape declares, Limit, Invalid.
Result<std::unique_ptr<Source>> make_dense_source(SourceInfo info, DenseLayout layout);

/// Reverses the bytes of each element.
void swap_bytes(std::span<std::byte> elements, std::size_t element_bytes);

}  // namespace ndcast::convert
