#pragma once
// One WebSocket as the rest of the house sees it: an ordered queue of messages out, callbacks for what comes in.
// Two siblings make them: Server (server.h, over TCP) and LoopbackPair (loopback.h, in process, for tests).
//
//   struct Echo final : WebSocketHandler {
//     void on_open(std::shared_ptr<WebSocket> socket) override { socket_ = std::move(socket); }
//     void on_text(std::string_view text) override { socket_->send_text(std::make_shared<const std::string>(text)); }
//     void on_close() override { socket_.reset(); }
//     std::shared_ptr<WebSocket> socket_;
//   };

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"

namespace ndcast::transport {

using SharedText = std::shared_ptr<const std::string>;
using SharedBytes = std::shared_ptr<const std::vector<std::byte>>;

/// RFC 6455 §7.4.1 codes that ndcast sends.
namespace close_code {
inline constexpr std::uint16_t kNormal = 1000;
inline constexpr std::uint16_t kGoingAway = 1001;
inline constexpr std::uint16_t kPolicyViolation = 1008;
inline constexpr std::uint16_t kTooBig = 1009;
inline constexpr std::uint16_t kInternalError = 1011;
inline constexpr std::uint16_t kTryAgainLater = 1013;
}  // namespace close_code

/// The server's end. All calls on the control thread. Messages are sent in the order given, text and binary alike, and
/// shared: one payload may be in the queues of many sockets. No call ever calls back into the handler before it
/// returns. After close(), or once the peer is gone, sends are ignored.
class WebSocket {
 public:
  virtual ~WebSocket() = default;
  /// `text` must be UTF-8.
  virtual void send_text(SharedText text) = 0;
  virtual void send_binary(SharedBytes bytes) = 0;
  /// Payload bytes accepted by send_…() and not yet handed to the kernel. The queue has no bound of its own: the
  /// caller watches this (WP18, WP21).
  virtual std::size_t queued_bytes() const = 0;
  /// Sends what is queued, then a close frame with `code` and `reason` (see fitting_close_reason), then closes; a peer
  /// that does not take it within kCloseTimeout is cut off. Further calls do nothing.
  virtual void close(std::uint16_t code, std::string_view reason) = 0;
  /// Numeric, without the port.
  virtual std::string remote_address() const = 0;
};

/// How long close() waits for the queue and for the peer's close frame.
inline constexpr auto kCloseTimeout = std::chrono::seconds(2);

/// The longest beginning of `reason` that a close frame holds (123 bytes, RFC 6455 §5.5) and that cuts no UTF-8
/// character in two.
std::string_view fitting_close_reason(std::string_view reason);

struct SocketLimits {
  std::size_t max_message_bytes = limits::kStateMessageBytes;  ///< a longer message closes the socket with 1009
  std::size_t low_water_bytes = 0;                             ///< on_writable() fires when the queue falls to this
};

/// What a part of the house does with one socket. All calls on the control thread, in this order: on_open once, then
/// any of the others, then on_close once; nothing after it. The transport keeps the handler alive until on_close
/// returned. Messages that arrive after WebSocket::close() are dropped. When the handshake fails after all, no method
/// is called.
class WebSocketHandler {
 public:
  virtual ~WebSocketHandler() = default;
  /// Asked once, before on_open.
  virtual SocketLimits limits() const { return {}; }
  /// The socket stays valid (if deaf) after on_close for as long as it is held.
  virtual void on_open(std::shared_ptr<WebSocket> socket) = 0;
  /// Valid UTF-8, at most max_message_bytes. The view ends with the call.
  virtual void on_text(std::string_view text) = 0;
  virtual void on_binary(std::span<const std::byte> bytes) { static_cast<void>(bytes); }
  /// The queue fell from above low_water_bytes to it or below. What the kernel takes within send_…() never stood in it.
  virtual void on_writable() {}
  /// What came breaks a rule of WebSocket or a limit of its own: the socket is closing, nothing more is read. At most
  /// once.
  virtual void on_violation() {}
  /// The socket is gone, whoever closed it.
  virtual void on_close() = 0;
};

}  // namespace ndcast::transport
