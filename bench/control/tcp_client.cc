#include "bench/control/tcp_client.h"

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace ndcast::bench {
namespace {

constexpr int kPatienceMs = 5000;

int connect_to(std::uint16_t port) {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (descriptor < 0 || connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    const int error = errno;
    if (descriptor >= 0) close(descriptor);
    throw std::runtime_error(fmt::format("cannot connect to port {}: errno {}", port, error));
  }
  const int on = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return descriptor;
}

/// Shared by all: one thread reads, and keeps only the beginnings of messages.
std::vector<char>& scratch() {
  static std::vector<char> buffer(std::size_t{256} << 10);
  return buffer;
}

}  // namespace

TcpClient::TcpClient(Poller& poller, std::uint16_t port) : poller_(poller), socket_(connect_to(port)) {
  poller_.add(socket_, *this);
}

TcpClient::~TcpClient() {
  if (socket_ < 0) return;
  poller_.remove(socket_);
  close(socket_);
}

void TcpClient::send(std::string_view bytes) {
  if (outgoing_.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) throw std::runtime_error("the server closed a connection");
    bytes.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(0, sent)));
    if (bytes.empty()) return;
    poller_.set_writing(socket_, *this, true);
  }
  outgoing_ += bytes;
}

void TcpClient::on_ready(std::uint32_t events) {
  if (events & EPOLLOUT) {
    const std::string pending = std::exchange(outgoing_, {});
    poller_.set_writing(socket_, *this, false);
    send(pending);
  }
  if (events & ~static_cast<std::uint32_t>(EPOLLOUT)) read_some();
}

void TcpClient::read_some() {
  std::vector<char>& buffer = scratch();
  const ssize_t got = recv(socket_, buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) throw std::runtime_error("the server closed a connection");
  bytes_in_ += static_cast<std::uint64_t>(got);
  take({buffer.data(), static_cast<std::size_t>(got)});
}

void TcpClient::take(std::string_view bytes) {
  if (incoming_.empty()) {
    bytes.remove_prefix(on_bytes(bytes));
    incoming_ = bytes;
    return;
  }
  incoming_ += bytes;
  incoming_.erase(0, on_bytes(incoming_));
  if (incoming_.empty()) incoming_.shrink_to_fit();
}

std::string ask(std::uint16_t port, std::string_view request, std::string_view until) {
  const int descriptor = connect_to(port);
  ::send(descriptor, request.data(), request.size(), MSG_NOSIGNAL);
  std::string answer;
  pollfd readable{.fd = descriptor, .events = POLLIN, .revents = 0};
  while (!answer.contains(until) && poll(&readable, 1, kPatienceMs) > 0) {
    const ssize_t got = recv(descriptor, scratch().data(), scratch().size(), 0);
    if (got <= 0) break;
    answer.append(scratch().data(), static_cast<std::size_t>(got));
  }
  close(descriptor);
  if (!answer.contains(until))
    throw std::runtime_error(fmt::format("expected an answer with {}, found {}", until, answer));
  return answer;
}

}  // namespace ndcast::bench
