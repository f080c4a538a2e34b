#pragma once
// NumPy arrays: .npy, and the first array of an .npz (a zip of them, stored or deflated). The format:
// numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
//
//   ND_ASSIGN(const NpyHeader header, parse_npy_header(first_bytes, "stent.npy"));

#include <bit>
#include <filesystem>
#include <span>

#include "convert/source.h"

namespace ndcast::convert {

struct NpyHeader {
  image::DType dtype = image::DType::UInt8;
  std::endian byte_order = std::endian::native;
  Shape shape;                    ///< slowest first, as stored
  std::uint64_t data_offset = 0;  ///< of the first voxel
};

/// `bytes`: the beginning, with the whole header. Fortran order is a reversed shape, the voxels as they lie. Errors:
/// Invalid, Unsupported (a type that is no number, by name).
Result<NpyHeader> parse_npy_header(std::span<const std::byte> bytes, std::string_view path);

Result<std::unique_ptr<Source>> open_npy(const std::filesystem::path& path);
Result<std::unique_ptr<Source>> open_npz(const std::filesystem::path& path);

}  // namespace ndcast::convert
