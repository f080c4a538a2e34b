#include "protocol/found.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace ndcast::protocol {
namespace {

constexpr std::size_t kExcerptBytes = 64;

bool is_continuation_byte(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

std::string excerpt(std::string_view text) {
  std::size_t length = std::min(text.size(), kExcerptBytes);
  while (length > 0 && length < text.size() && is_continuation_byte(text[length])) --length;
  std::string out(text.substr(0, length));
  std::ranges::replace_if(out, [](unsigned char c) { return c < 0x20 || c == 0x7F; }, ' ');
  if (length < text.size()) out += "…";
  return out;
}

std::string describe_found(const Json& json) {
  if (json.is_string()) return fmt::format("string \"{}\"", excerpt(json.string()));
  if (json.is_bool()) return json.boolean() ? "true" : "false";
  if (json.is_array()) return fmt::format("array of {}", json.size());
  if (!json.is_number()) return std::string(json.kind_name());
  const double number = *json.as_double();
  return std::isfinite(number) ? fmt::format("number {}", to_string(json)) : fmt::format("number {}", number);
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n\f\v";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

}  // namespace ndcast::protocol
