#pragma once
// NRRD: one header of text lines, voxels after it (.nrrd) or in files of their own (.nhdr). Encodings raw, gzip, bzip2
// and text. The format: teem.sourceforge.net/nrrd/format.html.
//
//   ND_ASSIGN(const NrrdHeader header, parse_nrrd_header(text, "tooth.nrrd"));

#include <bit>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "convert/byte_input.h"
#include "convert/source.h"

namespace ndcast::convert {

/// Lists have one entry an axis, fastest first, or are empty when the header has no such field.
struct NrrdHeader {
  enum class Encoding { Raw, Gzip, Bzip2, Text };

  image::DType dtype = image::DType::UInt8;
  Shape sizes;
  std::optional<std::endian> byte_order;
  Encoding encoding = Encoding::Raw;
  std::vector<double> spacings;                                ///< NaN: none
  std::vector<std::optional<std::vector<double>>> directions;  ///< nothing: "none", no axis of the space
  std::vector<std::string> kinds, labels, units, space_units;  ///< space_units: one a dimension of the space
  std::vector<double> space_origin;
  std::string space;
  std::int64_t line_skip = 0;
  std::int64_t byte_skip = 0;     ///< negative: count from the end of the data, less 1
  std::string data_file;          ///< empty: after the header
  std::string data_list;          ///< the lines after "data file: LIST"
  std::uint64_t data_offset = 0;  ///< of what follows the header's empty line
  std::vector<std::pair<std::string, std::string>> key_values;
};

/// `text`: the file's beginning, at least up to the empty line. Errors: Invalid (what was found and expected),
/// Unsupported (a type or an encoding, by name).
Result<NrrdHeader> parse_nrrd_header(std::string_view text, std::string_view path);

Result<std::unique_ptr<Source>> open_nrrd(const std::filesystem::path& path);

}  // namespace ndcast::convert
