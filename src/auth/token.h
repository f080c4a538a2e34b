#pragma once
// The secret in the printed link, and the cookie that it becomes (WP1). Strings in, strings out.
//
//   const std::string token = make_token();
//   // …/?token=<token> opens → answer with
//   headers.emplace_back("Set-Cookie", set_cookie_header(8787, token));
//   // any later request
//   const bool known = presents_token({.authorization = …, .cookie = …, .port = 8787}, token);

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

/// Value for Set-Cookie: "ndcast-8787=<token>; HttpOnly; SameSite=Strict; Path=/", with "; Secure" behind TLS.
std::string set_cookie_header(std::uint16_t port, std::string_view token, bool secure = false);

/// Value of the first cookie of that name in a Cookie header's value (RFC 6265 §4.2.1).
std::optional<std::string_view> cookie_value(std::string_view cookie_header, std::string_view name);

/// What a request says about itself; absent headers are nullopt.
struct Credentials {
  std::optional<std::string_view> authorization;
  std::optional<std::string_view> cookie;
  std::uint16_t port = 0;  ///< the one that we listen on
};

/// True when the Authorization header, or where it is absent the cookie, holds the expected token.
bool presents_token(const Credentials& credentials, std::string_view expected);

}  // namespace ndcast::auth
