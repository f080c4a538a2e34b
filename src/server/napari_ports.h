#pragma once
// The two listeners of the original (napari-cuda) client (protocol.md §1, --napari-ports): one of state, one of pixels,
// each a WebSocket at any path, without tokens. Who reaches them is an editor of the room.
//
//   ND_ASSIGN(const auto ports, NapariPorts::listen(loop, "127.0.0.1", {8081, 8082}, access, room));

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "room/room.h"
#include "server/access.h"
#include "transport/server.h"

namespace ndcast::server {

/// Lives on the control thread; what it borrows outlives it.
class NapariPorts {
 public:
  /// `ports` are of state and of pixels; 0 takes any free one. Pages of other sites are refused as on the main port
  /// (WP1), or every site could ride on the missing token. Errors: Io, as transport::Server::listen.
  static Result<std::unique_ptr<NapariPorts>> listen(transport::EventLoop& loop, const std::string& host,
                                                     std::pair<std::uint16_t, std::uint16_t> ports,
                                                     const Access& access, room::Room& room);

  std::uint16_t state_port() const { return state_->port(); }
  std::uint16_t pixel_port() const { return pixels_->port(); }
  void close();

 private:
  std::unique_ptr<transport::Server> state_;
  std::unique_ptr<transport::Server> pixels_;
};

}  // namespace ndcast::server
