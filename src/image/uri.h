#pragma once
// What a user calls an image by: a path, or a file:// URI of one.

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace ndcast::image {

/// A path as it is, "file:///a%20b" decoded. Errors: Unsupported (another scheme, by name), Invalid (a host, bad
/// escapes, a NUL, too long, empty).
Result<std::filesystem::path> local_path(std::string_view uri_or_path);

/// "%20" → " ". Errors: Invalid (bad escapes).
Result<std::string> percent_decoded(std::string_view text);

}  // namespace ndcast::image
