#pragma once
// OME-NGFF's plates and wells (0.1 to 0.5) as structs. Only says what is written there; plate_store.h makes a picture
// of it.

#include <cstdint>
#include <string>
#include <vector>

#include "image/node.h"

namespace ndcast::image {

struct PlateWell {
  std::string path;  ///< key relative to the plate, checked
  std::int64_t row = 0;
  std::int64_t column = 0;
};

struct Plate {
  std::string name;
  std::vector<std::string> rows;     ///< names, top to bottom
  std::vector<std::string> columns;  ///< names, left to right
  std::vector<PlateWell> wells;      ///< those that are there: sparse plates are legal
  std::vector<std::string> warnings;
};

/// Rows and columns that are not listed come from the wells' paths. A well's position comes from "rowIndex" and
/// "columnIndex", before 0.4 from its path ("B/3"); one without a usable path or position is left out with a warning.
/// Errors: Invalid (no wells), Limit (cells).
Result<Plate> parse_plate(const Node& node);

/// Keys of a well's fields relative to it, in the order that it lists them; unusable ones are left out.
std::vector<std::string> well_fields(const Node& node);

}  // namespace ndcast::image
