#pragma once
// Who may come in (WP1): the first look at every HTTP request and every upgrade.

#include <optional>
#include <string>

#include "auth/origin.h"
#include "auth/roles.h"
#include "transport/http.h"

namespace ndcast::server {

/// Immutable once the port is known; control thread.
class Access {
 public:
  /// `token` empty: no authentication, everybody is admin.
  Access(std::string token, auth::HostPolicy hosts) : token_(std::move(token)), hosts_(std::move(hosts)) {}
  void set_port(std::uint16_t port) { port_ = port; }

  bool needs_token() const { return !token_.empty(); }
  const std::string& token() const { return token_; }

  /// The 403 for a foreign Origin or an unknown Host; nothing when both are fine.
  std::optional<transport::HttpResponse> refuse_origin(const transport::HttpRequest& request) const;
  /// Role of the token that the request carries in a header or cookie; nothing without a good one.
  std::optional<auth::Role> role_of(const transport::HttpRequest& request) const;
  /// Role of a token by itself (hello.auth).
  std::optional<auth::Role> role_of_token(std::string_view token) const;
  /// Answer to `/?token=…`: sets the cookie and leads to the page without the token in its address. 401 for a wrong
  /// one.
  transport::HttpResponse exchange_token(std::string_view token) const;
  static transport::HttpResponse unauthorised();

 private:
  const std::string token_;
  const auth::HostPolicy hosts_;
  std::uint16_t port_ = 0;
};

}  // namespace ndcast::server
