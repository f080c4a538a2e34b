#include "auth/token.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/digest.h"
#include "base/ids.h"

namespace ndcast::auth {
namespace {

constexpr std::size_t kTokenBytes = 24;

constexpr bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::string make_token() { return random_hex(kTokenBytes); }

bool token_matches(std::string_view presented, std::string_view expected) {
  return !expected.empty() && equal_in_constant_time(presented, expected);
}

std::optional<std::string_view> bearer_token(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer";
  const std::string_view text = trimmed(authorization);
  if (text.size() <= kScheme.size() || !is_blank(text[kScheme.size()])) return std::nullopt;
  if (!std::ranges::equal(text.substr(0, kScheme.size()), kScheme, {}, lower)) return std::nullopt;
  return trimmed(text.substr(kScheme.size()));
}

std::string cookie_name(std::uint16_t port) { return fmt::format("ndcast-{}", port); }

std::string set_cookie_header(const CookieScope& scope, std::string_view token) {
  std::string out =
      fmt::format("{}={}; HttpOnly; SameSite=Strict; Path={}", cookie_name(scope.port), token, scope.path);
  if (scope.is_secure) out += "; Secure";
  if (scope.max_age_s > 0) out += fmt::format("; Max-Age={}", scope.max_age_s);
  return out;
}

std::optional<std::string_view> cookie_value(std::string_view cookie_header, std::string_view name) {
  while (!cookie_header.empty()) {
    const std::string_view pair = cookie_header.substr(0, cookie_header.find(';'));
    cookie_header.remove_prefix(std::min(cookie_header.size(), pair.size() + 1));
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos || trimmed(pair.substr(0, equals)) != name) continue;
    return trimmed(pair.substr(equals + 1));
  }
  return std::nullopt;
}

std::optional<std::string_view> presented_token(const Credentials& credentials) {
  if (credentials.authorization) return bearer_token(*credentials.authorization).value_or("");
  if (!credentials.cookie) return std::nullopt;
  return cookie_value(*credentials.cookie, cookie_name(credentials.port));
}

}  // namespace ndcast::auth
