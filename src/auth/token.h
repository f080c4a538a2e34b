#pragma once
// The secret in the printed link, the cookie that a token becomes, and where a request carries one (WP1). Strings in,
// strings out; whether a token is good is Authority's to say (authority.h).
//
//   const std::string token = make_token();
//   // …/?token=<token> opens → answer with
//   headers.emplace_back("Set-Cookie", set_cookie_header({.port = 8787}, token));
//   // any later request
//   const auto token = presented_token({.authorization = …, .cookie = …, .port = 8787});

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ndcast::auth {

/// Fresh and unguessable (192 bits), 48 characters that need no escaping in a URL, a header or a cookie.
std::string make_token();

/// Takes the same time wherever the first difference is. An empty `expected` matches nothing.
bool token_matches(std::string_view presented, std::string_view expected);

/// The token of an Authorization header's value, "Bearer <token>" (scheme case-insensitive, RFC 6750 §2.1).
std::optional<std::string_view> bearer_token(std::string_view authorization);

/// "ndcast-8787": cookies know no ports, so two servers on one host would overwrite each other's without it.
std::string cookie_name(std::uint16_t port);

struct CookieScope {
  std::uint16_t port = 0;       ///< that we listen on
  std::string_view path = "/";  ///< what the viewer is served below
  bool is_secure = false;       ///< the browser reached us through TLS
  std::int64_t max_age_s = 0;   ///< 0: until the browser closes
};

/// Value for Set-Cookie: "ndcast-8787=<token>; HttpOnly; SameSite=Strict; Path=/", then "; Secure" and "; Max-Age=…".
std::string set_cookie_header(const CookieScope& scope, std::string_view token);

/// Value of the first cookie of that name in a Cookie header's value (RFC 6265 §4.2.1).
std::optional<std::string_view> cookie_value(std::string_view cookie_header, std::string_view name);

/// What a request says about itself; absent headers are nullopt.
struct Credentials {
  std::optional<std::string_view> authorization;
  std::optional<std::string_view> cookie;
  std::uint16_t port = 0;  ///< the one that we listen on
};

/// The token of the Authorization header, or where that is absent the cookie's. A header of another scheme than Bearer
/// presents an empty token: it is not ignored in favour of the cookie.
std::optional<std::string_view> presented_token(const Credentials& credentials);

}  // namespace ndcast::auth
