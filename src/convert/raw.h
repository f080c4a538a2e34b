#pragma once
// Voxels without a header, described by the person who knows: shape, type, axes, byte order, bytes to skip.
//
//   ND_ASSIGN(auto source, open_raw("stack.raw", {.shape = {93, 64, 64}, .dtype = DType::UInt16, .axes = "zyx"}));

#include <bit>
#include <filesystem>
#include <optional>

#include "convert/source.h"

namespace ndcast::convert {

struct RawDescription {
  Shape shape;  ///< slowest first
  image::DType dtype = image::DType::UInt8;
  std::string axes;  ///< one letter an axis ("tczyx"); empty: the last of them
  std::endian byte_order = std::endian::little;
  std::uint64_t skip_bytes = 0;
};

/// A gzipped file is decompressed. Errors: Invalid (names and shape do not fit), Corrupt (too short), NotFound, Io.
Result<std::unique_ptr<Source>> open_raw(const std::filesystem::path& path, const RawDescription& description);

}  // namespace ndcast::convert
