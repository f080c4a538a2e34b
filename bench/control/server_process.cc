#include "bench/control/server_process.h"

#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ndcast::bench {
namespace {

constexpr auto kStartPatience = std::chrono::seconds(30);

/// In the child: never returns.
[[noreturn]] void become(const ServerProcess::Command& command, int core, int output) {
  pin_to_core(core);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  for (const std::string& variable : command.environment) putenv(const_cast<char*>(variable.c_str()));
  std::vector<char*> arguments;
  arguments.reserve(command.arguments.size() + 1);
  for (const std::string& argument : command.arguments) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  execvp(arguments.front(), arguments.data());
  fmt::print(stderr, "cannot run {}\n", command.arguments.front());
  _exit(127);
}

}  // namespace

void pin_to_core(int core) {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(static_cast<std::size_t>(core), &cores);
  sched_setaffinity(0, sizeof cores, &cores);
}

std::uint16_t free_port() {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(descriptor, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
      getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("no port of this machine is free");
  }
  close(descriptor);
  return ntohs(address.sin_port);
}

ServerProcess::ServerProcess(const Command& command, int core) {
  std::array<int, 2> pipe_ends{};
  if (pipe2(pipe_ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe for a server's output");
  pid_ = fork();
  if (pid_ == 0) become(command, core, pipe_ends[1]);
  close(pipe_ends[1]);
  output_ = pipe_ends[0];
  wait_until_ready(command.ready);
}

ServerProcess::~ServerProcess() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  close(output_);
}

bool ServerProcess::read_some(std::chrono::milliseconds patience) {
  pollfd readable{.fd = output_, .events = POLLIN, .revents = 0};
  if (poll(&readable, 1, static_cast<int>(patience.count())) <= 0) return true;
  std::array<char, 4096> buffer;
  const ssize_t got = read(output_, buffer.data(), buffer.size());
  if (got > 0) printed_.append(buffer.data(), static_cast<std::size_t>(got));
  return got > 0;
}

void ServerProcess::wait_until_ready(const std::string& ready) {
  const auto give_up = std::chrono::steady_clock::now() + kStartPatience;
  while (!printed_.contains(ready)) {
    if (!read_some(std::chrono::milliseconds(100)) || std::chrono::steady_clock::now() > give_up) {
      throw std::runtime_error(fmt::format("a server did not start; it printed: {}", printed_));
    }
  }
  // From here on nobody reads what it prints; a full pipe must not stop it.
  fcntl(output_, F_SETPIPE_SZ, 1 << 20);
}

int ServerProcess::wait(std::chrono::seconds patience) {
  const auto give_up = std::chrono::steady_clock::now() + patience;
  while (std::chrono::steady_clock::now() < give_up) {
    int status = 0;
    if (waitpid(pid_, &status, WNOHANG) == pid_) {
      while (read_some(std::chrono::milliseconds(0)) && !printed_.ends_with('\n')) {
      }
      pid_ = -1;
      return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
    }
    usleep(5000);
  }
  return -1;
}

std::chrono::milliseconds ServerProcess::cpu_time() const {
  std::ifstream file(fmt::format("/proc/{}/stat", pid_));
  std::string line;
  std::getline(file, line);
  std::istringstream fields(line.substr(line.rfind(')') + 2));
  std::string skipped;
  for (int field = 3; field < 14; ++field) fields >> skipped;  // proc(5): utime and stime are fields 14 and 15
  long user = 0;
  long system = 0;
  fields >> user >> system;
  return std::chrono::milliseconds((user + system) * 1000 / sysconf(_SC_CLK_TCK));
}

double ServerProcess::rss_kib() const {
  std::ifstream file(fmt::format("/proc/{}/status", pid_));
  std::string line;
  while (std::getline(file, line)) {
    if (line.starts_with("VmRSS:")) return std::strtod(line.c_str() + 6, nullptr);
  }
  return 0;
}

}  // namespace ndcast::bench
