#pragma once
// MetaImage (ITK): "Key = Value" lines, voxels after them (.mha, "ElementDataFile = LOCAL") or in files of their own
// (.mhd), zlib-compressed or not.
//
//   ND_ASSIGN(const MetaImageHeader header, parse_metaimage_header(text, "head.mhd"));

#include <bit>
#include <filesystem>
#include <string>
#include <vector>

#include "convert/source.h"

namespace ndcast::convert {

/// Lists have one entry an axis, fastest first, or are empty.
struct MetaImageHeader {
  image::DType dtype = image::DType::UInt8;
  Shape sizes;
  std::int64_t channels = 1;
  std::endian byte_order = std::endian::little;
  bool binary = true;
  bool compressed = false;
  std::vector<double> spacing;
  std::vector<double> offset;
  std::vector<double> transform;  ///< TransformMatrix, ndim × ndim
  std::string anatomical_orientation;
  std::string unit;               ///< DistanceUnits
  std::int64_t header_bytes = 0;  ///< HeaderSize; -1: the data ends where the file ends
  std::string data_file;          ///< "LOCAL": after the header
  std::string data_list;
  std::uint64_t data_offset = 0;  ///< of what follows the line of ElementDataFile
};

/// Errors: Invalid (what was found and expected), Unsupported (an element type, by name).
Result<MetaImageHeader> parse_metaimage_header(std::string_view text, std::string_view path);

Result<std::unique_ptr<Source>> open_metaimage(const std::filesystem::path& path);

}  // namespace ndcast::convert
