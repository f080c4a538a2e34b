#include "image/address.h"

#include <charconv>
#include <filesystem>
#include <system_error>

#include "image/store.h"
#include "image/uri.h"

namespace ndcast::image {
namespace {

Result<std::int64_t> parse_position(std::string_view key, std::string_view value) {
  std::int64_t out = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), out);
  if (error != std::errc() || end != value.data() + value.size() || out < 0) {
    return fail(ErrorCode::Invalid, "\"#{}={}\"; expected a position from 0", key, value);
  }
  return out;
}

Result<void> add_part(ImageChoice& choice, std::string_view part) {
  const std::size_t equals = part.find('=');
  const std::string_view key = part.substr(0, equals);
  const std::string_view value = equals == std::string_view::npos ? "" : part.substr(equals + 1);
  if (equals != std::string_view::npos && key == "multiscale") {
    ND_ASSIGN(choice.multiscale, percent_decoded(value));
    return {};
  }
  if (equals != std::string_view::npos && key == "field") {
    ND_ASSIGN(choice.field, parse_position(key, value));
    return {};
  }
  if (equals != std::string_view::npos && key == "series") {
    ND_ASSIGN(choice.series, parse_position(key, value));
    return {};
  }
  ND_ASSIGN(std::string path, percent_decoded(part));
  while (path.starts_with('/')) path.erase(0, 1);
  while (path.ends_with('/')) path.pop_back();
  if (path.empty()) return {};
  if (!choice.path.empty() || !check_key(path)) {
    return fail(ErrorCode::Invalid,
                "\"#{}\"; expected one path of names joined by \"/\", or field=N, series=N, multiscale=NAME", part);
  }
  choice.path = std::move(path);
  return {};
}

}  // namespace

std::pair<std::string_view, std::string_view> split_fragment(std::string_view uri) {
  const std::size_t first = uri.find('#');
  if (first == std::string_view::npos) return {uri, {}};
  const auto split_at = [uri](std::size_t at) { return std::pair(uri.substr(0, at), uri.substr(at + 1)); };
  if (uri.find("://") != std::string_view::npos) return split_at(first);
  std::error_code ignored;
  if (std::filesystem::exists(uri, ignored)) return {uri, {}};
  for (std::size_t at = uri.rfind('#'); at != first; at = uri.rfind('#', at - 1)) {
    if (std::filesystem::exists(uri.substr(0, at), ignored)) return split_at(at);
  }
  return split_at(first);
}

Result<ImageChoice> parse_choice(std::string_view fragment) {
  ImageChoice choice;
  while (!fragment.empty()) {
    const std::size_t end = fragment.find('&');
    ND_TRY(add_part(choice, fragment.substr(0, end)));
    fragment.remove_prefix(end == std::string_view::npos ? fragment.size() : end + 1);
  }
  return choice;
}

}  // namespace ndcast::image
