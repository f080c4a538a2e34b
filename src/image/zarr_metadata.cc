#include "image/zarr_metadata.h"

#include <algorithm>

#include "base/limits.h"
#include "image/zarr_metadata_common.h"

namespace ndcast::image {
std::string ArrayMetadata::object_key(std::span<const std::int64_t> position) const {
  if (position.empty()) return prefix_keys ? "c" : "0";
  std::string key = prefix_keys ? "c" : "";
  for (const std::int64_t index : position) {
    if (!key.empty()) key += separator;
    fmt::format_to(std::back_inserter(key), "{}", index);
  }
  return key;
}

Result<void> finish_metadata(ArrayMetadata& metadata, std::string_view where) {
  metadata.chunk_shape = metadata.chain.unit_shape();
  ND_TRY(checked_bytes({metadata.dtype, metadata.chunk_shape}, where));
  std::int64_t chunks = 1;
  for (std::size_t axis = 0; axis < metadata.shape.size(); ++axis) {
    const std::int64_t extent = metadata.shape[axis];
    const std::int64_t count = extent / metadata.chunk_shape[axis] + (extent % metadata.chunk_shape[axis] != 0 ? 1 : 0);
    if (__builtin_mul_overflow(chunks, std::max<std::int64_t>(count, 1), &chunks)) {
      return fail(ErrorCode::Limit, "{}: shape [{}] in chunks of [{}] has more than 2^63 chunks", where,
                  fmt::join(metadata.shape, ", "), fmt::join(metadata.chunk_shape, ", "));
    }
  }
  return {};
}

Result<char> parse_separator(const Json& value, std::string_view where) {
  const std::string_view text = value.as_string().value_or("");
  if (text != "." && text != "/") {
    return fail(ErrorCode::Invalid, "{} is {}; expected \".\" or \"/\"", where, quoted(value));
  }
  return text[0];
}

std::vector<std::string> names_from(const Json* value, std::size_t ndim) {
  std::vector<std::string> names;
  if (!value || !value->is_array() || value->size() != ndim) return names;
  bool any = false;
  for (const Json& element : value->array()) {
    names.emplace_back(element.as_string().value_or(""));
    any = any || !names.back().empty();
  }
  if (!any) names.clear();
  return names;
}

}  // namespace ndcast::image
