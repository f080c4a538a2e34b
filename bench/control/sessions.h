#pragma once
// What only ndcast is asked: a client that comes back from far behind, and many that only listen.

#include <cstdint>

#include "bench/control/peer.h"

namespace ndcast::bench {

struct ResumeResult {
  double ms = 0;  ///< from the hello to the frame that carries the last commit
  std::uint64_t bytes = 0;
};
/// A session leaves, `commits` commits follow, it comes back with nd.since (docs/protocol.md WP15).
ResumeResult resume(const Place& place, int commits);

struct IdleResult {
  double kib_per_connection = 0;  ///< growth of the server's resident memory
  double cpu_percent = 0;         ///< of a core, over a heartbeat of all of them
};
/// `connections` native sessions in one room that hear the state once and then only heartbeats.
IdleResult idle(const Place& place, int connections);

}  // namespace ndcast::bench
