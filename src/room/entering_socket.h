#pragma once
// A state socket whose room is being made: what comes in waits until the room's journal is read, then goes on to the
// room's own handler.
//
//   auto socket = std::make_shared<EnteringSocket>();
//   rooms.enter("lab", role, [socket](Result<Room*> room) { socket->lead_to((*room)->make_state_socket(info)); });
//   return socket;                                   // to the transport, which may open it before or after

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "transport/web_socket.h"

namespace ndcast::room {

/// Control thread only.
class EnteringSocket final : public transport::WebSocketHandler {
 public:
  /// Once. Nothing happens when the socket is closed by now.
  void lead_to(std::shared_ptr<transport::WebSocketHandler> target);

  void on_open(std::shared_ptr<transport::WebSocket> socket) override;
  /// More than kWaiting texts before there is a room close the socket: a hello is one, and has no answer yet.
  void on_text(std::string_view text) override;
  void on_binary(std::span<const std::byte> bytes) override;
  void on_writable() override;
  void on_close() override;

  static constexpr std::size_t kWaiting = 4;

 private:
  void hand_over();

  std::shared_ptr<transport::WebSocketHandler> target_;  ///< null while the room is being made
  std::shared_ptr<transport::WebSocket> socket_;         ///< null before on_open and after on_close
  std::vector<std::string> waiting_;
  bool is_closed_ = false;
};

}  // namespace ndcast::room
