#include <array>
#include <cerrno>

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "transport/raw_client_test_util.h"

namespace ndcast::transport {

std::uint16_t RawFrame::close_code() const {
  if (opcode != 8 || payload.size() < 2) return 0;
  return static_cast<std::uint16_t>((static_cast<unsigned char>(payload[0]) << 8) |
                                    static_cast<unsigned char>(payload[1]));
}

RawClient::RawClient(std::uint16_t port, int receive_buffer_bytes) {
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ND_CHECK(socket_ >= 0);
  if (receive_buffer_bytes > 0) {
    setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof(receive_buffer_bytes));
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ND_CHECK(::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
  ND_CHECK(fcntl(socket_, F_SETFL, O_NONBLOCK) == 0);
}

RawClient::~RawClient() { ::close(socket_); }

void RawClient::send(std::string_view bytes) {
  to_send_ += bytes;
  pump();
}

void RawClient::send_frame(int opcode, std::string_view payload, bool final, bool masked) {
  std::string frame;
  frame.push_back(static_cast<char>((final ? 0x80 : 0) | opcode));
  const char mask_bit = masked ? static_cast<char>(0x80) : '\0';
  if (payload.size() < 126) {
    frame.push_back(static_cast<char>(mask_bit | static_cast<char>(payload.size())));
  } else if (payload.size() < 65536) {
    frame.push_back(static_cast<char>(mask_bit | 126));
    frame.push_back(static_cast<char>(payload.size() >> 8));
    frame.push_back(static_cast<char>(payload.size()));
  } else {
    frame.push_back(static_cast<char>(mask_bit | 127));
    for (int shift = 56; shift >= 0; shift -= 8) frame.push_back(static_cast<char>(payload.size() >> shift));
  }
  constexpr std::array<char, 4> kMask = {0x11, 0x22, 0x33, 0x44};
  if (masked) frame.append(kMask.data(), kMask.size());
  for (std::size_t i = 0; i < payload.size(); ++i) {
    frame.push_back(static_cast<char>(masked ? payload[i] ^ kMask[i % 4] : payload[i]));
  }
  send(frame);
}

void RawClient::send_upgrade(std::string_view path, std::string_view extra_headers) {
  send(
      fmt::format("GET {} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{}\r\n",
                  path, extra_headers));
}

void RawClient::shut_down() { ::shutdown(socket_, SHUT_RDWR); }

bool RawClient::pump() {
  if (!to_send_.empty()) {
    const ssize_t sent = ::send(socket_, to_send_.data(), to_send_.size(), MSG_NOSIGNAL);
    if (sent > 0) to_send_.erase(0, static_cast<std::size_t>(sent));
  }
  std::array<char, 65536> chunk;
  while (reading_ && connected_) {
    const ssize_t got = ::recv(socket_, chunk.data(), chunk.size(), 0);
    if (got > 0) {
      received_.append(chunk.data(), static_cast<std::size_t>(got));
      continue;
    }
    if (got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) {
      connected_ = false;
      shut_down();  // as browsers do: the server waits for it
    }
    break;
  }
  return connected_;
}

std::optional<std::string> RawClient::take_header() {
  const std::size_t end = received_.find("\r\n\r\n");
  if (end == std::string::npos) return std::nullopt;
  std::string header = received_.substr(0, end + 4);
  received_.erase(0, end + 4);
  return header;
}

std::optional<RawFrame> RawClient::take_frame() {
  const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(received_[i])); };
  if (received_.size() < 2) return std::nullopt;
  ND_CHECK((byte(1) & 0x80) == 0, "a server must not mask");
  std::size_t size = byte(1);
  std::size_t start = 2;
  if (size == 126) {
    if (received_.size() < 4) return std::nullopt;
    size = byte(2) << 8 | byte(3);
    start = 4;
  } else if (size == 127) {
    if (received_.size() < 10) return std::nullopt;
    size = 0;
    for (std::size_t i = 2; i < 10; ++i) size = size << 8 | byte(i);
    start = 10;
  }
  if (received_.size() < start + size) return std::nullopt;
  RawFrame frame{.opcode = static_cast<int>(byte(0) & 0x0F),
                 .final = (byte(0) & 0x80) != 0,
                 .payload = received_.substr(start, size)};
  received_.erase(0, start + size);
  return frame;
}

}  // namespace ndcast::transport
