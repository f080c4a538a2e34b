#pragma once
// Which image of a place is meant: the part of a URI behind "#". A plate, a series or a group with several multiscales
// holds many; a path below the place names any of them, the other parts choose where metadata lists several.
//
//   plate.zarr                    all wells in a grid, the first field of each
//   plate.zarr#field=3            the same of their fourth field
//   plate.zarr#A/1/0              one field of one well; so is plate.zarr/A/1/0 where the place is a folder
//   scan.zarr#series=2            the third image of a bioformats2raw series
//   cells.zarr#multiscale=raw     a multiscale by its name or its position in the list
//   cells.zarr#labels/nuclei&multiscale=1

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace ndcast::image {

struct ImageChoice {
  std::string path;                    ///< key below the place, checked; "" is the place itself
  std::string multiscale;              ///< a name or a position; "" is the first
  std::optional<std::int64_t> field;   ///< of a plate or a well, from 0
  std::optional<std::int64_t> series;  ///< of a bioformats2raw series, from 0

  friend bool operator==(const ImageChoice&, const ImageChoice&) = default;
};

/// The place and what follows its "#" (without it; empty when there is none). A local path may have "#" in its names:
/// the longest part that exists is the place.
std::pair<std::string_view, std::string_view> split_fragment(std::string_view uri);

/// Parts joined by "&", percent-escapes decoded. Errors: Invalid (quoting the part and what is expected).
Result<ImageChoice> parse_choice(std::string_view fragment);

}  // namespace ndcast::image
