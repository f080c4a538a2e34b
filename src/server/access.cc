#include "server/access.h"

#include <algorithm>

#include "auth/token.h"
#include "base/log.h"

namespace ndcast::server {

using transport::HttpRequest;
using transport::HttpResponse;

bool Access::enter(HttpRequest& request) const {
  rules_.proxies.apply(request);
  const std::string& base = rules_.base_path;
  if (base == "/") return true;
  if (!request.path.starts_with(base)) return false;
  request.path.erase(0, base.size() - 1);
  return true;
}

std::optional<HttpResponse> Access::refuse_origin(const HttpRequest& request) const {
  const auto host = request.header("Host");
  const auto origin = request.header("Origin");
  if (request.header_count("Host") > 1 || request.header_count("Origin") > 1) {
    return HttpResponse::text(403, "Host and Origin may be there once\n");
  }
  const auth::Channel channel = request.is_secure ? auth::Channel::Secure : auth::Channel::Plain;
  const auth::Admission admission = auth::admit(rules_.hosts, host, origin, channel);
  if (admission == auth::Admission::Allowed) return std::nullopt;
  return HttpResponse::text(403, auth::explain(admission, host, origin) + "\n");
}

std::optional<HttpResponse> Access::refuse_handshake(const HttpRequest& request) {
  const auto wait = handshakes_.take(request.remote_address, clock_.now());
  if (!wait) return std::nullopt;
  HttpResponse response = HttpResponse::text(429, "rate.limited: too many connections from this address\n");
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(*wait).count();
  response.headers.emplace_back("Retry-After", std::to_string(seconds));
  return response;
}

Access::Judgement Access::judge(const HttpRequest& request) const {
  const auth::Credentials credentials{request.header("Authorization"), request.header("Cookie"), port_};
  const auto token = auth::presented_token(credentials);
  Judgement judged = judge_token(token.value_or(""));
  if (!judged && token) {
    log().warn("{}: {} is refused: {}: {}", request.remote_address, request.path, to_string(judged.error().denial),
               judged.error().message);
  }
  return judged;
}

Access::Judgement Access::judge_token(std::string_view token) const {
  return rules_.authority.judge(token, clock_.unix_seconds());
}

HttpResponse Access::exchange_token(const HttpRequest& request, std::string_view token) const {
  const Judgement judged = judge_token(token);
  if (!judged) {
    log().warn("{}: the token of its link is refused: {}: {}", request.remote_address, to_string(judged.error().denial),
               judged.error().message);
    return unauthorised(judged.error());
  }
  HttpResponse response;
  response.status = 302;
  // A relative address, so that a proxy's sub-path stays; the room that was asked for stays too.
  std::string location = "./";
  if (const auto room = request.parameter("room")) location += "?room=" + transport::percent_encode(*room);
  response.headers = {{"Location", location}, {"Cache-Control", "no-store"}, {"Referrer-Policy", "no-referrer"}};
  if (rules_.authority.is_open()) return response;
  auth::CookieScope scope{.port = port_, .path = rules_.base_path, .is_secure = request.is_secure};
  if (judged->expires_unix_s) {
    scope.max_age_s =
        std::max<std::int64_t>(1, static_cast<std::int64_t>(*judged->expires_unix_s - clock_.unix_seconds()));
  }
  response.headers.emplace_back("Set-Cookie", auth::set_cookie_header(scope, token));
  return response;
}

HttpResponse Access::unauthorised(const auth::Denied& denied) {
  HttpResponse response = HttpResponse::text(
      401, fmt::format("{}: {}. Open the link that the server printed when it started, or send Authorization: Bearer "
                       "TOKEN.\n",
                       to_string(denied.denial), denied.message));
  response.headers.emplace_back("WWW-Authenticate", "Bearer");
  return response;
}

Result<std::string> parse_base_path(std::string_view text) {
  constexpr std::string_view kAllowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
  std::string path = fmt::format("{}{}{}", text.starts_with('/') ? "" : "/", text, text.ends_with('/') ? "" : "/");
  if (text.empty()) path = "/";
  const bool is_clean = path.find_first_not_of(kAllowed) == std::string::npos && !path.contains("//") &&
                        !path.contains("/./") && !path.contains("/../");
  if (!is_clean || path.size() > 256) {
    return fail(ErrorCode::Invalid, "--base-url {}: expected a path such as /images/, of letters, digits and -._~",
                text);
  }
  return path;
}

}  // namespace ndcast::server
