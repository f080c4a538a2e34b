#include "image/uri.h"

#include <algorithm>
#include <charconv>

#include "base/limits.h"

namespace ndcast::image {
namespace {

/// "http" of "http://…"; empty for a path.
std::string_view scheme_of(std::string_view uri) {
  const std::size_t at = uri.find("://");
  if (at == std::string_view::npos || at == 0) return {};
  const std::string_view scheme = uri.substr(0, at);
  const bool plausible = std::ranges::all_of(scheme, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '-' ||
           c == '.';
  });
  return plausible ? scheme : std::string_view{};
}

}  // namespace

Result<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    unsigned value = 0;
    const std::string_view digits = text.substr(i + 1, 2);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (error != std::errc() || digits.size() != 2 || end != digits.data() + 2) {
      return fail(ErrorCode::Invalid, "\"%{}\" in a URI; expected two hexadecimal digits", digits);
    }
    out += static_cast<char>(value);
    i += 2;
  }
  return out;
}

Result<std::filesystem::path> local_path(std::string_view uri_or_path) {
  std::string path(uri_or_path);
  if (const std::string_view scheme = scheme_of(uri_or_path); scheme == "file") {
    std::string_view rest = uri_or_path.substr(scheme.size() + 3);
    if (rest.starts_with("localhost/")) rest.remove_prefix(std::string_view("localhost").size());
    if (!rest.starts_with('/')) {
      return fail(ErrorCode::Invalid, "{}: a file URI of another host; expected file:///PATH", uri_or_path);
    }
    ND_ASSIGN(path, percent_decoded(rest));
  } else if (!scheme.empty()) {
    return fail(ErrorCode::Unsupported, "{}: this build reads local files, not \"{}\"", uri_or_path, scheme);
  }
  if (path.empty() || path.size() > limits::kPathBytes || path.find('\0') != std::string::npos) {
    return fail(ErrorCode::Invalid, "a path of {} bytes; expected 1 to {} without a NUL", path.size(),
                limits::kPathBytes);
  }
  return std::filesystem::path(path);
}

}  // namespace ndcast::image
