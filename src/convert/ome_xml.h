#pragma once
// OME-XML, as OME-TIFF carries it in its first ImageDescription: the pixels' shape, where each plane lies, physical
// sizes, channels. The schema: openmicroscopy.org/Schemas/OME/2016-06.
//
//   ND_ASSIGN(const OmePixels pixels, parse_ome_xml(description, 0, "cells.ome.tif"));

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "convert/source.h"

namespace ndcast::convert {

struct OmePlane {
  std::string file;             ///< beside this one; "" for this one
  std::int64_t directory = -1;  ///< which of the file's; -1: the document does not say where this plane is
};

struct OmePixels {
  std::string image_name;
  std::string order;  ///< "XYCZT", fastest first
  std::int64_t size_x = 0, size_y = 0, size_z = 1, size_c = 1, size_t = 1;
  std::int64_t samples = 1;                    ///< of a pixel: a plane holds that many of size_c
  std::array<double, 3> size_xyz = {0, 0, 0};  ///< physical; 0: not given
  std::array<std::string, 3> unit_xyz = {"micrometer", "micrometer", "micrometer"};
  double time_increment = 0;
  std::string time_unit = "second";
  std::vector<SourceChannel> channels;  ///< size_c of them
  /// size_t · size_z · (size_c / samples), in `order` from the slowest of T, Z, C to the fastest.
  std::vector<OmePlane> planes;
  std::size_t images = 1;  ///< in the document
};

/// True for a text that is OME-XML, whatever its value.
bool looks_like_ome_xml(std::string_view text);

/// The `index`-th Image. Errors: Invalid (no XML, no Pixels; a field, with what was found and expected), Limit (size,
/// number of planes), NotFound (no such image).
Result<OmePixels> parse_ome_xml(std::string_view text, std::size_t index, std::string_view path);

}  // namespace ndcast::convert
