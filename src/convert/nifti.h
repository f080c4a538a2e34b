#pragma once
// NIfTI-1 and NIfTI-2: .nii, .nii.gz, and pairs .hdr/.img (each gzipped or not). Voxels are kept as stored; slope and
// intercept, and the affine from voxel to world (sform, else qform), are kept as attributes.
//
//   ND_ASSIGN(const NiftiHeader header, parse_nifti_header(first_bytes, "brain.nii"));
//
// The layout is that of nifti1.h and nifti2.h (nifti.nimh.nih.gov); bytes are read by offset, never through a struct.

#include <array>
#include <bit>
#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "convert/source.h"

namespace ndcast::convert {

inline constexpr std::size_t kNifti1HeaderBytes = 348;
inline constexpr std::size_t kNifti2HeaderBytes = 540;

struct NiftiHeader {
  int version = 1;
  std::endian byte_order = std::endian::little;
  bool pair = false;  ///< voxels are in the .img beside
  image::DType dtype = image::DType::UInt8;
  int samples = 1;             ///< 3 and 4 for RGB24 and RGBA32
  Shape sizes;                 ///< fastest first, as dim[1…] says
  std::vector<double> pixdim;  ///< as many as `sizes`; 1 where the header's is unusable
  std::uint64_t vox_offset = 0;
  double slope = 1;  ///< 1 and 0 when the header scales nothing
  double intercept = 0;
  std::string space_unit;
  std::string time_unit;
  bool labels = false;
  std::string description;
  /// Rows x, y, z of the affine that maps (i, j, k) to millimetres (or space_unit), RAS+. Nothing without a code.
  std::optional<std::array<std::array<double, 4>, 3>> affine;
  std::string affine_from;  ///< "sform" or "qform"
};

/// `bytes`: the first 348 bytes at least, 540 for NIfTI-2. Errors: Invalid (what was found and expected), Unsupported
/// (a data type, by name), Limit.
Result<NiftiHeader> parse_nifti_header(std::span<const std::byte> bytes, std::string_view path);

Result<std::unique_ptr<Source>> open_nifti(const std::filesystem::path& path);

/// "RAS", "LPI", …: where the axes i, j, k point, by the largest part of each column.
std::string axis_codes(const std::array<std::array<double, 4>, 3>& affine);

}  // namespace ndcast::convert
