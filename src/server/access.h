#pragma once
// Who may come in (WP1): the first look at every HTTP request and every upgrade.

#include <expected>
#include <optional>
#include <string>

#include "auth/authority.h"
#include "auth/origin.h"
#include "base/clock.h"
#include "server/handshake_limiter.h"
#include "transport/http.h"
#include "transport/trusted_proxies.h"

namespace ndcast::server {

struct AccessRules {
  auth::Authority authority;
  auth::HostPolicy hosts;
  transport::TrustedProxies proxies;
  std::string base_path = "/";  ///< everything is served below it; starts and ends with '/'
  Rate handshakes = HandshakeLimiter::limits_default();
};

/// Immutable once the port is known, save for what is counted; control thread.
class Access {
 public:
  using Judgement = std::expected<auth::Grant, auth::Denied>;

  /// `clock` outlives it.
  Access(AccessRules rules, const Clock& clock)
      : rules_(std::move(rules)), clock_(clock), handshakes_(rules_.handshakes) {}
  void set_port(std::uint16_t port) { port_ = port; }

  const std::string& link_token() const { return rules_.authority.link_token(); }
  const std::string& base_path() const { return rules_.base_path; }

  /// What a proxy says about the client takes the place of what the socket says; the path loses the base path. False
  /// for a path that is not below it.
  bool enter(transport::HttpRequest& request) const;
  /// The 403 for a foreign Origin or an unknown Host; nothing when both are fine.
  std::optional<transport::HttpResponse> refuse_origin(const transport::HttpRequest& request) const;
  /// The 429 for an address that opens WebSockets too often; nothing when it may go on. Counts.
  std::optional<transport::HttpResponse> refuse_handshake(const transport::HttpRequest& request);
  /// A socket of this address broke a rule of WebSocket: that costs the address handshakes.
  void note_violation(const std::string& remote_address) { handshakes_.charge(remote_address, clock_.now()); }
  /// Of the token that the request carries in a header or cookie.
  Judgement judge(const transport::HttpRequest& request) const;
  /// Of a token by itself (hello.auth).
  Judgement judge_token(std::string_view token) const;
  /// Answer to `/?token=…`: sets the cookie and leads to the page without the token in its address. 401 for a wrong
  /// one.
  transport::HttpResponse exchange_token(const transport::HttpRequest& request, std::string_view token) const;
  static transport::HttpResponse unauthorised(const auth::Denied& denied);

 private:
  const AccessRules rules_;
  const Clock& clock_;
  HandshakeLimiter handshakes_;
  std::uint16_t port_ = 0;
};

/// "/a/b/" of "/a/b", "a/b/" and "/a/b/"; "/" of "". Errors: Invalid for empty or dotted parts and characters that
/// would need escaping.
Result<std::string> parse_base_path(std::string_view text);

}  // namespace ndcast::server
