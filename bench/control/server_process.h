#pragma once
// A server under test: started on one core, watched through /proc, stopped at the end.

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include <sys/types.h>

namespace ndcast::bench {

/// Pins the calling process.
void pin_to_core(int core);
/// A port of 127.0.0.1 that nobody uses now.
std::uint16_t free_port();

class ServerProcess {
 public:
  struct Command {
    std::vector<std::string> arguments;    ///< the program first, looked up in PATH
    std::vector<std::string> environment;  ///< NAME=VALUE, beside ours
    std::string ready;                     ///< it serves once it has printed this
  };
  /// Starts it on `core` and waits until it is ready; throws with what it printed when it is not within 30 s.
  ServerProcess(const Command& command, int core);
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  /// User and system time of all its threads so far.
  std::chrono::milliseconds cpu_time() const;
  double rss_kib() const;
  /// Waits for a process that ends by itself (a checker); its exit status, or -1 after `patience`.
  int wait(std::chrono::seconds patience);
  pid_t pid() const { return pid_; }
  const std::string& printed() const { return printed_; }

 private:
  void wait_until_ready(const std::string& ready);
  bool read_some(std::chrono::milliseconds patience);

  pid_t pid_ = -1;
  int output_ = -1;
  std::string printed_;
};

}  // namespace ndcast::bench
