#include "bench/first_frame/file_server.h"

#include <chrono>
#include <csignal>
#include <fstream>
#include <stdexcept>
#include <thread>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ndcast::bench {
namespace {

sockaddr_in local(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

std::uint16_t free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = local(0);
  socklen_t size = sizeof address;
  ::bind(socket, reinterpret_cast<sockaddr*>(&address), size);
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(socket);
  return ntohs(address.sin_port);
}

bool answers(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  const sockaddr_in address = local(port);
  const bool connected = ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(socket);
  return connected;
}

}  // namespace

FileServer::FileServer(const std::filesystem::path& folder, const std::filesystem::path& scratch) : port_(free_port()) {
  const std::string configuration = (scratch / "nginx.conf").string();
  std::ofstream(configuration) << fmt::format(
      "worker_processes 1; daemon off; pid {0}/nginx.pid; error_log {0}/error.log;\n"
      "events {{ worker_connections 256; }}\n"
      "http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;\n"
      "  client_body_temp_path {0}/body; proxy_temp_path {0}/proxy; fastcgi_temp_path {0}/fcgi;\n"
      "  uwsgi_temp_path {0}/uwsgi; scgi_temp_path {0}/scgi;\n"
      "  server {{ listen 127.0.0.1:{1}; root {2}; }} }}\n",
      scratch.string(), port_, folder.string());
  pid_ = ::fork();
  if (pid_ == 0) {
    ::execlp("nginx", "nginx", "-c", configuration.c_str(), "-e", (scratch / "error.log").c_str(), nullptr);
    ::execl("/usr/sbin/nginx", "nginx", "-c", configuration.c_str(), "-e", (scratch / "error.log").c_str(), nullptr);
    ::_exit(127);
  }
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!answers(port_)) {
    if (::waitpid(pid_, nullptr, WNOHANG) != 0 || std::chrono::steady_clock::now() > end) {
      throw std::runtime_error("nginx does not serve; see " + (scratch / "error.log").string());
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

FileServer::~FileServer() {
  ::kill(pid_, SIGTERM);
  ::waitpid(pid_, nullptr, 0);
}

}  // namespace ndcast::bench
