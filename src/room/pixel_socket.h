#pragma once
// One viewer's pixel WebSocket: the network end of a stream::PixelChannel.

#include <functional>
#include <memory>
#include <vector>

#include "session/room_services.h"
#include "stream/pixel_channel.h"
#include "transport/web_socket.h"

namespace ndcast::room {

/// Control thread only. Joins its view's stream when it opens and leaves it when it closes.
class PixelSocket final : public transport::WebSocketHandler, public stream::PixelSink {
 public:
  struct Callbacks {
    std::function<void(const std::shared_ptr<PixelSocket>&)> on_join;
    std::function<void(const PixelSocket&)> on_leave;
    std::function<void(const PixelSocket&, stream::KeyframeReason)> owe_keyframe;
    std::function<void()> on_traffic;  ///< the viewer said something, or the socket takes more
  };

  /// Whether the socket goes along when its session sees another view (WP32).
  enum class Bound { ToSession, ToView };

  PixelSocket(session::SessionId session, Bound bound, stream::PixelChannelOptions options, Callbacks callbacks,
              const Clock& clock);

  const session::SessionId& session() const { return session_; }
  Bound bound() const { return bound_; }
  /// Another stream's frames follow, the first of them a keyframe; nothing in between, so that the viewer's picture
  /// stands until then.
  void change_over(Callbacks callbacks, std::uint8_t binding);
  stream::PixelChannel& channel() { return channel_; }
  const stream::PixelChannel& channel() const { return channel_; }
  void close(std::uint16_t code, std::string_view reason);

  // transport::WebSocketHandler
  transport::SocketLimits limits() const override { return {.max_message_bytes = limits::kPixelMessageBytes}; }
  void on_open(std::shared_ptr<transport::WebSocket> socket) override;
  void on_text(std::string_view text) override;
  void on_writable() override;
  void on_close() override;
  /// The transport keeps the handler alive between on_open and on_close; the stream shares it.
  void set_self(const std::shared_ptr<PixelSocket>& self) { self_ = self; }

  // stream::PixelSink
  void send(std::shared_ptr<const std::vector<std::byte>> message) override;
  std::size_t queued_bytes() const override { return socket_ ? socket_->queued_bytes() : 0; }

 private:
  const session::SessionId session_;
  const Bound bound_;
  Callbacks callbacks_;
  stream::PixelChannel channel_;
  std::shared_ptr<transport::WebSocket> socket_;
  std::weak_ptr<PixelSocket> self_;
};

}  // namespace ndcast::room
