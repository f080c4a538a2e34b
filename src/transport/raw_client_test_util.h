#pragma once
// A TCP client made by hand for the transport's tests: it says exactly the bytes that it is told to, so that it can
// also say wrong ones. Nonblocking; the test's loop pumps it together with the server.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ndcast::transport {

/// One frame from the server (servers do not mask).
struct RawFrame {
  int opcode = 0;  ///< 1 text, 2 binary, 8 close, 9 ping, 10 pong
  bool final = true;
  std::string payload;
  /// Of a close frame; 0 without one.
  std::uint16_t close_code() const;
};

class RawClient {
 public:
  explicit RawClient(std::uint16_t port, int receive_buffer_bytes = 0);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  void send(std::string_view bytes);
  void send_frame(int opcode, std::string_view payload, bool final = true, bool masked = true);
  void send_upgrade(std::string_view path, std::string_view extra_headers = "");
  void shut_down();
  /// Takes what has arrived, and sends what did not fit before. False once the server closed the connection.
  bool pump();

  std::string& received() { return received_; }
  /// Takes the HTTP header at the front of received(), through the empty line; nothing until it is whole.
  std::optional<std::string> take_header();
  /// Takes one whole frame.
  std::optional<RawFrame> take_frame();
  void set_reading(bool reading) { reading_ = reading; }
  bool connected() const { return connected_; }

 private:
  int socket_ = -1;
  std::string to_send_;
  std::string received_;
  bool reading_ = true;
  bool connected_ = true;
};

}  // namespace ndcast::transport
