#include "wire_client.h"

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/ids.h"

namespace ndcast::testing {

using Clock = std::chrono::steady_clock;

Program::Program(const std::vector<std::string>& arguments)
    : log_file_((std::filesystem::temp_directory_path() / ("ndcast-log-" + random_hex(8))).string()) {
  std::array<int, 2> pipe{};
  if (::pipe(pipe.data()) != 0) throw std::runtime_error("pipe");
  pid_ = ::fork();
  if (pid_ == 0) {
    ::dup2(pipe[1], STDOUT_FILENO);
    const int log = ::open(log_file_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ::dup2(log, STDERR_FILENO);
    std::vector<std::string> words = {NDCAST_PROGRAM, "serve"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    argv.reserve(words.size() + 1);
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  ::close(pipe[1]);
  FILE* out = ::fdopen(pipe[0], "r");
  std::array<char, 8192> line{};
  const std::string link = std::fgets(line.data(), line.size(), out) ? line.data() : "";
  std::fclose(out);
  const std::size_t colon = link.find(':', link.find("://") + 3);
  if (colon == std::string::npos) throw std::runtime_error("ndcast printed no link: " + log());
  port_ = static_cast<std::uint16_t>(std::atoi(link.c_str() + colon + 1));
  if (const std::size_t at = link.find("token="); at != std::string::npos) {
    token_ = link.substr(at + 6, link.find_first_of("\r\n", at) - at - 6);
  }
}

Program::~Program() {
  ::kill(pid_, SIGTERM);
  int status = 0;
  ::waitpid(pid_, &status, 0);
  std::filesystem::remove(log_file_);
}

std::string Program::log() const {
  std::ifstream file(log_file_);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool Program::is_running() const { return ::waitpid(pid_, nullptr, WNOHANG) == 0; }

std::size_t Program::memory_kib() const {
  std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::strtoul(line.c_str() + 6, nullptr, 10);
  }
  return 0;
}

Wire::Wire(std::uint16_t port, int receive_buffer_bytes) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (receive_buffer_bytes > 0) {
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof receive_buffer_bytes);
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    ::close(std::exchange(socket_, -1));
  }
}

Wire::~Wire() {
  if (socket_ >= 0) ::close(socket_);
}

bool Wire::send(std::string_view bytes) {
  const auto end = Clock::now() + kPatience;
  while (!bytes.empty() && socket_ >= 0) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
      continue;
    }
    if (errno != EAGAIN && errno != EINTR) return false;
    pollfd waiting{socket_, POLLOUT | POLLIN, 0};
    ::poll(&waiting, 1, 100);
    if ((waiting.revents & POLLIN) != 0) receive(Clock::now());
    if (Clock::now() > end) return false;
  }
  return bytes.empty();
}

bool Wire::receive(Clock::time_point end) {
  if (socket_ < 0) return false;
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count();
  pollfd waiting{socket_, POLLIN, 0};
  if (::poll(&waiting, 1, static_cast<int>(std::max<std::int64_t>(0, left))) <= 0) return false;
  std::array<char, 65536> chunk{};
  const ssize_t got = ::recv(socket_, chunk.data(), chunk.size(), 0);
  if (got <= 0) {
    ::close(std::exchange(socket_, -1));
    return false;
  }
  received_.append(chunk.data(), static_cast<std::size_t>(got));
  return true;
}

bool Wire::sip(std::size_t bytes) {
  if (socket_ < 0) return false;
  std::string chunk(bytes, '\0');
  const ssize_t got = ::recv(socket_, chunk.data(), chunk.size(), MSG_DONTWAIT);
  if (got > 0) received_.append(chunk, 0, static_cast<std::size_t>(got));
  if (got == 0) ::close(std::exchange(socket_, -1));
  return got != 0;
}

std::string Wire::read_header(std::chrono::milliseconds patience) {
  const auto end = Clock::now() + patience;
  std::size_t found = 0;
  while ((found = received_.find("\r\n\r\n")) == std::string::npos) {
    if (!receive(end)) return std::exchange(received_, "");
  }
  std::string header = received_.substr(0, found + 4);
  received_.erase(0, found + 4);
  return header;
}

bool Wire::read_to_end(std::string& out, std::chrono::milliseconds patience) {
  const auto end = Clock::now() + patience;
  while (receive(end)) continue;
  out += std::exchange(received_, "");
  return socket_ < 0;
}

std::string Wire::exchange(std::string_view request) {
  if (!send(request) && received_.empty()) receive(Clock::now() + kPatience);
  std::string answer = read_header();
  const std::size_t at = answer.find("Content-Length: ");
  const std::size_t size = at == std::string::npos ? 0 : std::strtoul(answer.c_str() + at + 16, nullptr, 10);
  const auto end = Clock::now() + kPatience;
  while (received_.size() < size && receive(end)) continue;
  answer += received_.substr(0, size);
  received_.erase(0, std::min(size, received_.size()));
  return answer;
}

int Wire::upgrade(std::string_view target, std::string_view headers, std::string_view host) {
  std::string request = "GET ";
  request.append(target).append(" HTTP/1.1\r\nHost: ").append(host);
  request +=
      "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  request.append(headers).append("\r\n");
  send(request);
  const std::string answer = read_header();
  return answer.size() < 12 ? 0 : std::atoi(answer.c_str() + 9);
}

bool Wire::send_frame(int opcode, std::string_view payload) {
  std::string frame(1, static_cast<char>(0x80 | opcode));
  if (payload.size() < 126) {
    frame.push_back(static_cast<char>(0x80 | payload.size()));
  } else {
    const int bytes = payload.size() < 65536 ? 2 : 8;
    frame.push_back(static_cast<char>(0x80 | (bytes == 2 ? 126 : 127)));
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
      frame.push_back(static_cast<char>(payload.size() >> shift));
    }
  }
  frame.append(4, '\0');  // a mask of zeros changes nothing
  frame.append(payload);
  return send(frame);
}

std::optional<std::string> Wire::next_text(std::chrono::milliseconds patience) {
  const auto end = Clock::now() + patience;
  const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(received_[i])); };
  const auto have = [&](std::size_t size) {
    while (received_.size() < size && receive(end)) continue;
    return received_.size() >= size;
  };
  while (have(2)) {
    std::size_t start = 2;
    std::size_t size = byte(1) & 0x7f;
    const std::size_t length_bytes = size == 126 ? 2 : size == 127 ? 8 : 0;
    if (!have(start + length_bytes)) return std::nullopt;
    if (length_bytes > 0) size = 0;
    for (std::size_t i = 0; i < length_bytes; ++i) size = size << 8 | byte(start++);
    if (!have(start + size)) return std::nullopt;
    const std::size_t opcode = byte(0) & 0x0f;
    std::string payload = received_.substr(start, size);
    received_.erase(0, start + size);
    if (opcode == 1) return payload;
    if (opcode == 8 && payload.size() >= 2) {
      close_code_ = static_cast<std::uint16_t>(static_cast<unsigned char>(payload[0]) << 8 |
                                               static_cast<unsigned char>(payload[1]));
      return std::nullopt;
    }
  }
  return std::nullopt;
}

}  // namespace ndcast::testing
