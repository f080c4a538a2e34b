#include "server/access.h"

#include "auth/token.h"

namespace ndcast::server {

using transport::HttpRequest;
using transport::HttpResponse;

std::optional<HttpResponse> Access::refuse_origin(const HttpRequest& request) const {
  const auto host = request.header("Host");
  const auto origin = request.header("Origin");
  if (request.header_count("Host") > 1 || request.header_count("Origin") > 1) {
    return HttpResponse::text(403, "Host and Origin may be there once\n");
  }
  const auth::Admission admission = auth::admit(hosts_, host, origin);
  if (admission == auth::Admission::Allowed) return std::nullopt;
  return HttpResponse::text(403, auth::explain(admission, host, origin) + "\n");
}

std::optional<auth::Role> Access::role_of(const HttpRequest& request) const {
  if (!needs_token()) return auth::Role::Admin;
  const auth::Credentials credentials{request.header("Authorization"), request.header("Cookie"), port_};
  if (auth::presents_token(credentials, token_)) return auth::Role::Admin;
  return std::nullopt;
}

std::optional<auth::Role> Access::role_of_token(std::string_view token) const {
  if (!needs_token() || auth::token_matches(token, token_)) return auth::Role::Admin;
  return std::nullopt;
}

HttpResponse Access::exchange_token(std::string_view token) const {
  if (!role_of_token(token)) return unauthorised();
  HttpResponse response;
  response.status = 302;
  // A relative address, so that a proxy's sub-path stays.
  response.headers = {{"Location", "./"}, {"Cache-Control", "no-store"}, {"Referrer-Policy", "no-referrer"}};
  if (needs_token()) response.headers.emplace_back("Set-Cookie", auth::set_cookie_header(port_, token_));
  return response;
}

HttpResponse Access::unauthorised() {
  HttpResponse response = HttpResponse::text(401,
                                             "This server asks for a token: open the link that it printed when it "
                                             "started, or send Authorization: Bearer TOKEN.\n");
  response.headers.emplace_back("WWW-Authenticate", "Bearer");
  return response;
}

}  // namespace ndcast::server
