#pragma once
// One seeded story: a server, 1 to 16 clients of both dialects and all roles in as many views as they fork, a render
// thread that is slow, late or stuck, sockets that delay, stall and break, and a fake clock. Every answer is judged by
// what models of views, undo and history say (judge.h); at quiet points every client must show exactly what the ledger
// holds, in the words of the view that it sees (rest_checks.h).
//
//   sim::Tally tally;
//   const std::vector<std::string> violations = sim::play({.seed = 7}, tally);
//
// No thread, no socket, no real time: a seed is a story, for ever.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace ndcast::sim {

/// Bugs put in on purpose, to see that the checks find them.
enum class Planted {
  None,
  LostCommit,       ///< one nd.commit never reaches its client
  SwappedAck,       ///< an ack comes after the commit that shows its effect
  StalePose,        ///< the render thread reports a pose again that is no longer true
  HalfTransaction,  ///< a commit is told in two pieces
  ReusedSeq,        ///< a restarted server goes on from its last row instead of behind the numbers that it reserved
};

struct StoryOptions {
  unsigned seed = 0;
  int steps = 1200;
  Planted planted = Planted::None;
  std::uint64_t* digest = nullptr;  ///< of all that clients were told; two plays of a seed have the same
};

/// How often each key, command and fault occurred.
using Tally = std::map<std::string, std::uint64_t>;

/// Plays the story; what was violated, empty when nothing was.
std::vector<std::string> play(const StoryOptions& options, Tally& tally);

}  // namespace ndcast::sim
