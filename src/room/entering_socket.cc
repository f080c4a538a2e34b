#include "room/entering_socket.h"

#include <utility>

#include "base/check.h"

namespace ndcast::room {

void EnteringSocket::lead_to(std::shared_ptr<transport::WebSocketHandler> target) {
  ND_CHECK(!target_, "a socket that enters a second room");
  if (is_closed_) return;
  target_ = std::move(target);
  if (socket_) hand_over();
}

void EnteringSocket::hand_over() {
  target_->on_open(socket_);
  for (const std::string& text : std::exchange(waiting_, {})) target_->on_text(text);
}

void EnteringSocket::on_open(std::shared_ptr<transport::WebSocket> socket) {
  socket_ = std::move(socket);
  if (target_) hand_over();
}

void EnteringSocket::on_text(std::string_view text) {
  if (target_) return target_->on_text(text);
  if (waiting_.size() < kWaiting) {
    waiting_.emplace_back(text);
  } else {
    socket_->close(transport::close_code::kPolicyViolation, "expected to wait for session.welcome");
  }
}

void EnteringSocket::on_binary(std::span<const std::byte> bytes) {
  if (target_) target_->on_binary(bytes);
}

void EnteringSocket::on_writable() {
  if (target_) target_->on_writable();
}

void EnteringSocket::on_close() {
  is_closed_ = true;
  socket_.reset();
  if (target_) target_->on_close();
}

}  // namespace ndcast::room
