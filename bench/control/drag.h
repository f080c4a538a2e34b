#pragma once
// The load: N writers each drag a slider of their own at a fixed rate, M observers watch all of them, and each value
// that arrives is held against the moment at which its writer handed it to its socket. Writers are people too: with
// every peer they are sent what everybody is sent, though only observers are timed.
//
//   const DragResult result = drag(*find_peer("nats"), place, {.writers = 10, .observers = 50});

#include <chrono>
#include <vector>

#include "bench/control/peer.h"

namespace ndcast::bench {

enum class Phase { Random, Aligned };

struct DragLoad {
  int writers = 10;
  int observers = 50;
  double hz = 60;
  Phase phase = Phase::Random;
  std::chrono::milliseconds warm_up{1000};
  std::chrono::milliseconds duration{6000};
  unsigned seed = 1;  ///< of the random phases: the same for every peer of a round
};

struct DragResult {
  double p50_ms = 0;
  double p95_ms = 0;
  double p99_ms = 0;
  double delivered = 0;    ///< values that arrived, of those offered to observers
  double cpu_percent = 0;  ///< of one core
  double rss_mib = 0;      ///< of the server, at the end of the drag
  int converged = 0;       ///< observers whose last value of every slider is the writer's last
  int observers = 0;
  double late_p99_ms = 0;  ///< by which writes left after they were due: the generator's own trouble
};

/// Starts the peer's server, drags, stops it. Throws std::runtime_error when the peer does not serve as it should.
DragResult drag(const Peer& peer, const Place& place, const DragLoad& load);

/// Sees to it that what drag() will time is right: values written by the generator reach its observers and the peer's
/// own client, and the other way round. Throws std::runtime_error with what went wrong.
void check_peer(const Peer& peer, const Place& place);

/// Serves `poller` until `condition` holds; false after `patience`.
template <class Condition>
bool poll_until(Poller& poller, std::chrono::milliseconds patience, Condition condition) {
  const Time give_up = clock_now() + patience;
  while (!condition()) {
    if (clock_now() > give_up) return false;
    poller.poll(std::chrono::milliseconds(5));
  }
  return true;
}

}  // namespace ndcast::bench
