#pragma once
// One client's state WebSocket: the network end of a session.

#include <functional>
#include <memory>

#include "session/session_hub.h"
#include "transport/web_socket.h"

namespace ndcast::room {

/// Control thread only.
class StateSocket final : public transport::WebSocketHandler {
 public:
  /// Around each call of the hub: `before` so that the owner can note the time, `after` so that it can flush.
  struct Around {
    std::shared_ptr<const void> presence;  ///< held while the socket is there
    std::function<void()> before;
    std::function<void()> after;
  };

  /// `hub` outlives the socket: its owner looks at `presence`.
  StateSocket(session::SessionHub& hub, session::ConnectionInfo info, Around around)
      : hub_(hub), info_(std::move(info)), around_(std::move(around)) {}

  transport::SocketLimits limits() const override { return {.max_message_bytes = limits::kStateMessageBytes}; }
  void on_open(std::shared_ptr<transport::WebSocket> socket) override;
  void on_text(std::string_view text) override;
  void on_writable() override;
  void on_close() override;

 private:
  session::SessionHub& hub_;
  session::ConnectionInfo info_;
  const Around around_;
  session::SessionId id_;
};

}  // namespace ndcast::room
