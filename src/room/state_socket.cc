#include "room/state_socket.h"

namespace ndcast::room {
namespace {

/// A session's frames go straight to its WebSocket.
class SocketSink final : public session::Sink {
 public:
  explicit SocketSink(std::shared_ptr<transport::WebSocket> socket) : socket_(std::move(socket)) {}
  void send_text(std::shared_ptr<const std::string> text) override { socket_->send_text(std::move(text)); }
  void close(std::uint16_t code, std::string_view reason) override { socket_->close(code, reason); }
  std::size_t queued_bytes() const override { return socket_->queued_bytes(); }

 private:
  std::shared_ptr<transport::WebSocket> socket_;
};

}  // namespace

void StateSocket::on_open(std::shared_ptr<transport::WebSocket> socket) {
  if (info_.remote.empty()) info_.remote = socket->remote_address();
  id_ = hub_.open(std::make_shared<SocketSink>(std::move(socket)), info_);
  around_.after();
}

void StateSocket::on_text(std::string_view text) {
  around_.before();
  hub_.on_text(id_, text);
  around_.after();
}

void StateSocket::on_writable() {
  if (hub_.on_writable(id_)) around_.after();
}

void StateSocket::on_close() {
  hub_.on_close(id_);
  around_.after();
}

}  // namespace ndcast::room
