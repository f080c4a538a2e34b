#include "server/file_limit.h"

#include <sys/resource.h>

#include "base/limits.h"

namespace ndcast::server {

Result<void> make_room_for(std::size_t connections) {
  const rlim_t wanted = connections + limits::kOtherDescriptors;
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  if (files.rlim_cur >= wanted) return {};
  if (files.rlim_max < wanted) {
    return fail(
        ErrorCode::Limit,
        "--max-connections {} needs {} open files and this process may have {}; raise the limit (ulimit -Hn, or "
        "LimitNOFILE= of a systemd unit)",
        connections, wanted, files.rlim_max);
  }
  files.rlim_cur = wanted;
  if (setrlimit(RLIMIT_NOFILE, &files) != 0) return fail(ErrorCode::Limit, "cannot have {} open files", wanted);
  return {};
}

}  // namespace ndcast::server
