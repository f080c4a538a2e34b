#include "server/descriptors.h"

#include <algorithm>

#include <sys/resource.h>

#include "base/limits.h"

namespace ndcast::server {

std::size_t raise_connection_limit() {
  constexpr rlim_t kWanted = limits::kConnectionsMax + limits::kReservedDescriptors;
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return limits::kConnections;
  if (files.rlim_cur < kWanted) {
    rlimit raised = files;
    raised.rlim_cur = std::min(kWanted, files.rlim_max);
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0) files = raised;
  }
  const std::size_t descriptors = std::min<std::size_t>(files.rlim_cur, kWanted);
  constexpr std::size_t kFew = 64;
  return std::max(kFew, descriptors > limits::kReservedDescriptors ? descriptors - limits::kReservedDescriptors : 0);
}

}  // namespace ndcast::server
