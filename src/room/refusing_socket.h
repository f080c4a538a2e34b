#pragma once
// A state socket that leads nowhere: a browser sees no HTTP status of a refused upgrade, so a client that may not enter
// is let in, told why with session.reject (WP4), and closed.

#include <memory>
#include <string_view>

#include "base/limits.h"
#include "protocol/handshake.h"
#include "transport/web_socket.h"

namespace ndcast::room {

/// Control thread only.
class RefusingSocket final : public transport::WebSocketHandler {
 public:
  explicit RefusingSocket(protocol::Reject reject) : reject_(std::move(reject)) {}

  transport::SocketLimits limits() const override { return {.max_message_bytes = limits::kStateMessageBytes}; }
  void on_open(std::shared_ptr<transport::WebSocket> socket) override;
  void on_text(std::string_view) override {}
  void on_close() override {}

 private:
  const protocol::Reject reject_;
};

}  // namespace ndcast::room
