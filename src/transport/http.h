#pragma once
// What an HTTP request and its answer look like to the rest of the house: plain values, no socket in sight.
// Server (server.h) makes the request, a Handlers::http function answers it.
//
//   void serve(const HttpRequest& request, HttpReply reply) {
//     if (request.path == "/healthz") return reply(HttpResponse::text(200, "ok\n"));
//     reply(HttpResponse::text(404, fmt::format("no such path: {}\n", request.path)));
//   }

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace ndcast::transport {

using NameValues = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method;  ///< "GET", "POST", …, as sent
  std::string target;  ///< as sent: "/state?room=a%20b"
  std::string path;    ///< decoded, without the query; always starts with '/'
  NameValues query;    ///< decoded, in order; a name may repeat
  NameValues headers;  ///< in order, names as sent
  std::string body;
  std::string remote_address;  ///< numeric, without the port: "127.0.0.1", "::1"
  bool remote_is_loopback = false;
  bool is_secure = false;  ///< came through TLS

  /// Value of the first header of that name (case-insensitive); nothing when absent.
  std::optional<std::string_view> header(std::string_view name) const;
  /// How often the header is there; Host and Origin must not repeat.
  std::size_t header_count(std::string_view name) const;
  /// Value of the first query parameter of that name (case-sensitive); nothing when absent.
  std::optional<std::string_view> parameter(std::string_view name) const;
};

struct HttpResponse {
  int status = 200;
  std::string content_type;  ///< empty: no Content-Type header
  NameValues headers;        ///< further ones; Content-Length, Connection and Date are the server's
  std::string body;
  std::shared_ptr<const std::string> shared_body;  ///< sent instead of `body` when set (cached files, blobs)

  static HttpResponse text(int status, std::string body);
  static HttpResponse json(int status, std::string body);
  std::size_t body_size() const { return shared_body ? shared_body->size() : body.size(); }
};

/// Answers one request, once, at once or later, on the control thread. Dropped unanswered, it closes the connection.
using HttpReply = std::function<void(HttpResponse)>;

struct HttpTarget {
  std::string path;
  NameValues query;
};

/// Splits and percent-decodes an origin-form target (RFC 9112 §3.2.1). In the query '+' is a space. Errors: Invalid
/// for a target without leading '/', a broken %-escape, or a decoded NUL.
Result<HttpTarget> parse_http_target(std::string_view target);

/// Every byte but letters, digits and -._~ as %XX: one value of a query.
std::string percent_encode(std::string_view text);

/// ASCII, for header names and host names.
bool equal_ignoring_case(std::string_view a, std::string_view b);

}  // namespace ndcast::transport
