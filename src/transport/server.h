#pragma once
// HTTP/1.1 and WebSocket on one TCP port, with TLS or without. Knows nothing of JSON, tokens or protocols: two
// functions decide.
//
//   Handlers handlers;
//   handlers.http = [&](const HttpRequest& request, HttpReply reply) { reply(site.answer(request)); };
//   handlers.upgrade = [&](const HttpRequest& request) -> UpgradeDecision {
//     if (request.path != "/state") return std::unexpected(HttpResponse::text(404, "no such channel\n"));
//     return std::make_shared<StateSocket>(room);
//   };
//   ND_ASSIGN(const auto server, Server::listen(loop, "127.0.0.1", 8787, std::move(handlers)));

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>

#include "base/limits.h"
#include "base/result.h"
#include "base/token_bucket.h"
#include "transport/event_loop.h"
#include "transport/http.h"
#include "transport/tls.h"
#include "transport/web_socket.h"

namespace ndcast::transport {

/// The handler of the new socket, or the HTTP answer that refuses it.
using UpgradeDecision = std::expected<std::shared_ptr<WebSocketHandler>, HttpResponse>;

/// Called on the control thread. A function that throws costs its own connection (500), nobody else's.
struct Handlers {
  std::function<void(const HttpRequest&, HttpReply)> http;     ///< every request that asks for no upgrade
  std::function<UpgradeDecision(const HttpRequest&)> upgrade;  ///< before the WebSocket handshake is answered
};

struct ServerLimits {
  std::size_t header_bytes = limits::kHttpHeaderBytes;                      ///< more: 431
  std::size_t body_bytes = limits::kHttpBodyBytes;                          ///< more: 413
  std::size_t connections = limits::kConnections;                           ///< more are closed as they come
  std::chrono::milliseconds request_timeout = limits::kHttpRequestTimeout;  ///< for a request to be complete
  std::chrono::milliseconds handshake_timeout = limits::kTlsHandshakeTimeout;
  std::chrono::milliseconds idle_timeout =
      limits::kHttpIdleTimeout;                                   ///< between requests, and between pieces of an answer
  Rate accepts{limits::kAcceptsPerSecond, limits::kAcceptBurst};  ///< more wait
};

/// Lives on the control thread. Destruction cuts every connection; their handlers get no further call.
class Server {
 public:
  virtual ~Server() = default;

  /// Binds and listens; serving starts when `loop` runs, which must outlive the server. `host` is a name or a numeric
  /// address; port 0 takes any free one. Errors: Io for a port in use, an unknown host, or no right to bind; the
  /// message says which. With `tls` the port speaks TLS only; a plain request is told so with 400.
  static Result<std::unique_ptr<Server>> listen(EventLoop& loop, const std::string& host, std::uint16_t port,
                                                Handlers handlers, const ServerLimits& limits = {},
                                                std::shared_ptr<const TlsContext> tls = nullptr);

  virtual std::uint16_t port() const = 0;
  virtual std::size_t connections() const = 0;
  /// For connections from now on. Only for a server that listens with TLS already.
  virtual void set_tls(std::shared_ptr<const TlsContext> tls) = 0;
  /// Stops listening and closes every socket with 1001, politely (kCloseTimeout), while the loop goes on running.
  virtual void close() = 0;
};

}  // namespace ndcast::transport
