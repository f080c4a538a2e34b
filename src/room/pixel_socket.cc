#include "room/pixel_socket.h"

#include "base/log.h"

namespace ndcast::room {

PixelSocket::PixelSocket(session::SessionId session, Bound bound, stream::PixelChannelOptions options,
                         Callbacks callbacks, const Clock& clock)
    : session_(std::move(session)),
      bound_(bound),
      callbacks_(std::move(callbacks)),
      channel_(
          *this, std::move(options), [this](stream::KeyframeReason reason) { callbacks_.owe_keyframe(*this, reason); },
          clock) {}

void PixelSocket::change_over(Callbacks callbacks, std::uint8_t binding) {
  callbacks_.on_leave(*this);
  callbacks_ = std::move(callbacks);
  channel_.set_binding(binding);
  callbacks_.on_join(self_.lock());
  channel_.start(stream::KeyframeReason::CodecChange);
}

void PixelSocket::on_open(std::shared_ptr<transport::WebSocket> socket) {
  socket_ = std::move(socket);
  callbacks_.on_join(self_.lock());
  channel_.start();
}

void PixelSocket::on_text(std::string_view text) {
  if (const Result<void> noted = channel_.on_text(text); !noted) {
    log().debug("pixel socket of session {}: {}", session_.value, noted.error().message);
  }
  callbacks_.on_traffic();
}

void PixelSocket::on_writable() {
  channel_.on_writable();
  callbacks_.on_traffic();
}

void PixelSocket::on_close() {
  socket_.reset();
  callbacks_.on_leave(*this);
}

void PixelSocket::send(std::shared_ptr<const std::vector<std::byte>> message) {
  if (socket_) socket_->send_binary(std::move(message));
}

void PixelSocket::close(std::uint16_t code, std::string_view reason) {
  if (socket_) socket_->close(code, reason);
}

}  // namespace ndcast::room
