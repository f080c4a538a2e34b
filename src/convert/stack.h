#pragma once
// A stack: many files of one shape, one after the other along a new slowest axis, z unless named otherwise. Files are
// opened when their plane is read, so a stack may have any number of them.
//
//   ND_ASSIGN(const std::unique_ptr<Source> source, open_stack(files, open_one, "z"));

#include <filesystem>
#include <functional>

#include "convert/source.h"

namespace ndcast::convert {

using OpenOne = std::function<Result<std::unique_ptr<Source>>(const std::filesystem::path&)>;

/// Only the first file is opened here; another shape or type further on is Invalid when it is read. An axis of the
/// files that has the new one's name already becomes "t". Errors: those of `open_one`, Limit (limits::kImportFiles).
Result<std::unique_ptr<Source>> open_stack(std::vector<std::filesystem::path> files, OpenOne open_one,
                                           std::string axis = "z");

/// As people count: "plane9" before "plane10".
bool natural_less(std::string_view a, std::string_view b);

}  // namespace ndcast::convert
