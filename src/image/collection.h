#pragma once
// Groups that hold several images: plates, wells, bioformats2raw series.

#include <string>
#include <vector>

#include "image/node.h"

namespace ndcast::image {

struct Collection {
  enum class Kind { None, Image, Series, Well, Plate };
  Kind kind = Kind::None;
  std::vector<std::string> images;  ///< keys in the store, at most as many as asked for
  bool truncated = false;
};

/// What the node at `path` holds: itself for an array or a multiscale (Image), the images that plate, well or series
/// metadata lists, or nothing. Wells without metadata are skipped (sparse plates are legal). Errors: Invalid, Io,
/// Limit.
Result<Collection> list_images(const Store& store, const std::string& path, const Node& node, std::size_t at_most);

}  // namespace ndcast::image
