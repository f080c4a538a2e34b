#pragma once
// A WebSocket without a network: the server's end is a WebSocket like any other, the client's end is driven by hand.
// Same contract as a TCP socket (web_socket_contract_test.cc runs one battery over both).
//
//   LoopbackPair pair(handler);
//   pair.client_sends_text(R"({"type":"session.hello"})");
//   pair.pump();
//   for (const auto& message : pair.take_received()) …

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "transport/web_socket.h"

namespace ndcast::transport {

/// One message as the client got it.
struct LoopbackMessage {
  bool is_text = true;
  std::string text;              ///< when is_text
  std::vector<std::byte> bytes;  ///< when not
};

/// One thread. Nothing moves outside pump().
class LoopbackPair {
 public:
  /// Calls handler->on_open() at the first pump().
  explicit LoopbackPair(std::shared_ptr<WebSocketHandler> handler, std::string remote_address = "127.0.0.1");
  ~LoopbackPair();
  LoopbackPair(const LoopbackPair&) = delete;
  LoopbackPair& operator=(const LoopbackPair&) = delete;

  /// Queues a message to the server; delivered by pump() unless the socket is closed by then.
  void client_sends_text(std::string text);
  void client_sends_binary(std::vector<std::byte> bytes);
  /// The client goes away, after what it sent; the handler hears on_close() at the next pump().
  void client_closes();

  /// False: the client takes nothing, so that the server's queued_bytes() grows. True again lets it flow.
  void set_reading(bool reading);
  /// Lets the client take at most this many messages at each pump(); nothing means all.
  void set_messages_per_pump(std::optional<std::size_t> messages);

  /// Moves messages both ways, calling the handler, until nothing moves any more.
  void pump();

  /// What arrived since the last call, in order.
  std::vector<LoopbackMessage> take_received();
  bool closed() const;
  /// Code and reason of the server's close(), once the client saw it.
  std::optional<std::uint16_t> close_code() const;
  const std::string& close_reason() const;

 private:
  struct Shared;
  class Socket;
  bool deliver_to_server();
  bool deliver_to_client();
  bool deliver_close();

  std::shared_ptr<Shared> shared_;
  std::shared_ptr<WebSocketHandler> handler_;
};

}  // namespace ndcast::transport
