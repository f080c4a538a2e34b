#pragma once
// The rules that arrays have to keep: alone, and as the levels of a multiscale.

#include <memory>
#include <optional>
#include <string>

#include "image/node.h"
#include "image/validate_report.h"
#include "image/zarr_array.h"

namespace ndcast::image {

/// Opens the array and decodes its first, middle and last chunk. Null after having reported why it cannot be opened;
/// `required` names the key that says it should be there.
std::shared_ptr<const ZarrArray> check_array(const std::shared_ptr<const Store>& store, const std::string& path,
                                             std::string_view required, Report& report, Validation& out);

/// The levels of every multiscale of the group at `path`, and omero's channels against them. Returns the finest array
/// of the first one.
std::shared_ptr<const ZarrArray> check_levels(const std::shared_ptr<const Store>& store, const std::string& path,
                                              const Node& node, Report& report, Validation& out);

}  // namespace ndcast::image
