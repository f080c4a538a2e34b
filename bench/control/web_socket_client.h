#pragma once
// The client's side of RFC 6455, as much as the peers need: upgrade, masked frames out, whole messages in, pongs.

#include <string>
#include <string_view>

#include "bench/control/tcp_client.h"

namespace ndcast::bench {

enum class Opcode { Text = 1, Binary = 2, Close = 8, Ping = 9, Pong = 10 };

class WebSocketClient : public TcpClient {
 public:
  /// Asks for the upgrade of `path` at once.
  WebSocketClient(Poller& poller, std::uint16_t port, const std::string& path);
  void send_frame(Opcode opcode, std::string_view payload);

 protected:
  /// The upgrade was accepted.
  virtual void on_open() = 0;
  virtual void on_message(std::string_view message) = 0;

 private:
  std::size_t on_bytes(std::string_view bytes) final;
  std::size_t take_upgrade(std::string_view bytes);
  void on_frame(bool final, int opcode, std::string_view payload);

  bool upgraded_ = false;
  std::string fragments_;
  std::string frame_;  ///< reused from send to send
};

}  // namespace ndcast::bench
