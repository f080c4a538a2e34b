#pragma once
// What the connections of one server share. For beast_server.cc and web_socket_connection.cc only.

#include <chrono>
#include <exception>
#include <memory>
#include <string>
#include <unordered_set>
#include <utility>

#include "base/log.h"
#include "transport/asio_loop.h"
#include "transport/server.h"

namespace ndcast::transport {

/// What comes behind a violation or a refusal, up to a hundred MiB at once, is thrown away no faster than the peer's
/// fellows can bear.
inline constexpr auto kDeafPause = std::chrono::milliseconds(100);

class Connection {
 public:
  virtual ~Connection() = default;
  /// Ends by itself, soon; the peer is told.
  virtual void close_politely() = 0;
  /// Ends now; no handler hears of it.
  virtual void cut() = 0;
};

/// What all connections of one server share. Outlives the Server while callbacks are in flight.
struct Shared {
  EventLoop& loop;
  Handlers handlers;  // empty once the Server is gone: what they capture may hold sockets, and those hold this
  const ServerLimits limits;
  std::shared_ptr<const TlsContext> tls;  // null: plain
  std::unordered_set<Connection*> connections;
  bool closing = false;  // Server::close() was called
  bool gone = false;     // the Server was destroyed
};

/// Runs what the house does with a connection; an exception there must not end the loop and with it everybody's.
template <class Function>
bool guarded(const std::string& remote, Function&& function) {
  try {
    std::forward<Function>(function)();
    return true;
  } catch (const std::exception& error) {
    log().error("{}: its handler threw: {}", remote, error.what());
    return false;
  }
}

}  // namespace ndcast::transport
