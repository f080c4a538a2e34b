#include "bench/control/web_socket_client.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace ndcast::bench {
namespace {

struct Header {
  bool final = false;
  int opcode = 0;
  std::size_t bytes = 0;    ///< of the header; 0 while it is not whole
  std::size_t payload = 0;  ///< bytes
};

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

Header read_header(std::string_view bytes) {
  Header header;
  if (bytes.size() < 2) return header;
  const auto first = static_cast<unsigned char>(bytes[0]);
  const auto second = static_cast<unsigned char>(bytes[1]);
  header.final = first & 0x80;
  header.opcode = first & 0x0f;
  header.payload = second & 0x7f;
  const std::size_t length_bytes = header.payload == 126 ? 2 : header.payload == 127 ? 8 : 0;
  if (bytes.size() < 2 + length_bytes) return header;
  if (length_bytes > 0) header.payload = big_endian(bytes.substr(2, length_bytes));
  header.bytes = 2 + length_bytes;
  return header;
}

}  // namespace

WebSocketClient::WebSocketClient(Poller& poller, std::uint16_t port, const std::string& path)
    : TcpClient(poller, port) {
  send(
      fmt::format("GET {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n",
                  path, port));
}

void WebSocketClient::send_frame(Opcode opcode, std::string_view payload) {
  frame_.clear();
  frame_ += static_cast<char>(0x80 | static_cast<int>(opcode));
  if (payload.size() < 126) {
    frame_ += static_cast<char>(0x80 | payload.size());
  } else {
    frame_ += static_cast<char>(0x80 | 126);
    frame_ += static_cast<char>(payload.size() >> 8);
    frame_ += static_cast<char>(payload.size() & 0xff);
  }
  frame_.append(4, '\0');  // a mask of zeros leaves the payload as it is; the server unmasks all the same
  frame_ += payload;
  send(frame_);
}

std::size_t WebSocketClient::on_bytes(std::string_view bytes) {
  std::size_t taken = upgraded_ ? 0 : take_upgrade(bytes);
  while (upgraded_) {
    const std::string_view rest = bytes.substr(taken);
    const Header header = read_header(rest);
    if (header.bytes == 0 || rest.size() < header.bytes + header.payload) break;
    taken += header.bytes + header.payload;
    on_frame(header.final, header.opcode, rest.substr(header.bytes, header.payload));
  }
  return taken;
}

std::size_t WebSocketClient::take_upgrade(std::string_view bytes) {
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) return 0;
  if (!bytes.starts_with("HTTP/1.1 101")) {
    throw std::runtime_error(fmt::format("the upgrade was refused: {}", bytes.substr(0, 200)));
  }
  upgraded_ = true;
  on_open();
  return end + 4;
}

void WebSocketClient::on_frame(bool final, int opcode, std::string_view payload) {
  switch (static_cast<Opcode>(opcode)) {
    case Opcode::Ping:
      return send_frame(Opcode::Pong, payload);
    case Opcode::Pong:
      return;
    case Opcode::Close:
      throw std::runtime_error(
          fmt::format("the server closed: {}", payload.substr(std::min<std::size_t>(2, payload.size()))));
    default:
      break;
  }
  if (final && fragments_.empty()) return on_message(payload);
  fragments_ += payload;
  if (final) on_message(std::exchange(fragments_, {}));
}

}  // namespace ndcast::bench
