#pragma once
// Debian's nginx serving a folder on a free port of 127.0.0.1.

#include <cstdint>
#include <filesystem>

#include <sys/types.h>

namespace ndcast::bench {

class FileServer {
 public:
  /// Throws when nginx does not answer within 10 s. `scratch`: for its configuration and logs.
  FileServer(const std::filesystem::path& folder, const std::filesystem::path& scratch);
  ~FileServer();
  FileServer(const FileServer&) = delete;
  FileServer& operator=(const FileServer&) = delete;

  std::uint16_t port() const { return port_; }

 private:
  std::uint16_t port_ = 0;
  pid_t pid_ = -1;
};

}  // namespace ndcast::bench
