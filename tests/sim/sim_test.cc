// Seeded stories of one server and many clients (tests/sim/story.h).
//
//   build/release/tests/sim_test [--seeds N] [--first S] [--steps N] [--planted NAME]
//
// Without options: 200 seeds, how often each key, command and fault occurred, and then each planted bug, which has to
// be found. With --planted it plays that bug alone.
//
// What has to occur is read from the tables of commands and keys: one that no story calls turns the test red.

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/log.h"
#include "session/command_registry.h"
#include "tests/sim/intents.h"
#include "tests/sim/story.h"

namespace ndcast::sim {
namespace {

struct Options {
  unsigned first = 0;
  unsigned seeds = 200;
  int steps = 1200;
  std::string planted;
  std::string log_level = "error";
};

constexpr std::array kPlanted = {
    std::pair{"lost_commit", Planted::LostCommit}, std::pair{"swapped_ack", Planted::SwappedAck},
    std::pair{"stale_pose", Planted::StalePose}, std::pair{"half_transaction", Planted::HalfTransaction},
    std::pair{"reused_seq", Planted::ReusedSeq}};
/// Seeds within which a planted bug has to be found.
constexpr unsigned kPlantedSeeds = 20;
/// Seeds that are played twice more.
constexpr unsigned kReplayed = 3;
/// How often everything has to occur in 200 seeds.
constexpr std::uint64_t kOften = 20;

/// What happens to views, people and the server besides keys and commands.
constexpr std::array kOccurrences = {"fault/drop",
                                     "fault/fresh",
                                     "fault/garbage",
                                     "fault/goodbye",
                                     "fault/long absence",
                                     "fault/long pause",
                                     "fault/render restarted",
                                     "fault/render stuck",
                                     "fault/restart",
                                     "fault/resume",
                                     "fault/rows lost",
                                     "fault/scene replaced",
                                     "fault/sent twice",
                                     "fault/stall",
                                     "fault/very long pause",
                                     "frame/nd.job",
                                     "frame/nd.presence",
                                     "frame/nd.telemetry",
                                     "frame/nd.thumbnail",
                                     "role/a command is refused",
                                     "role/a viewer moves its own view",
                                     "role/an update is refused",
                                     "undo/a camera returns",
                                     "undo/registers come back",
                                     "undo/registers go forth again",
                                     "undo/somebody else's is left",
                                     "view/came back",
                                     "view/came back from the journal",
                                     "view/closed under somebody",
                                     "view/forgotten when unused",
                                     "view/goes along with somebody",
                                     "view/gone at the hello",
                                     "view/left by moving",
                                     "view/no room for a fork"};

/// Every key, every command (called, and done), and those.
std::vector<std::string> what_has_to_occur() {
  std::vector<std::string> names(kOccurrences.begin(), kOccurrences.end());
  for (const std::string& key : wish_names()) names.push_back("key/" + key);
  for (const session::CommandSpec& command : session::command_table()) {
    names.push_back(fmt::format("command/{}", command.name));
    names.push_back(fmt::format("done/{}", command.name));
  }
  return names;
}

bool clean(const Options& options, Tally& tally) {
  for (unsigned seed = options.first; seed < options.first + options.seeds; ++seed) {
    const auto violations = play({.seed = seed, .steps = options.steps}, tally);
    if (violations.empty()) continue;
    fmt::print("seed {}:\n", seed);
    for (const std::string& violation : violations) fmt::print("  {}\n", violation);
    fmt::print("again: sim_test --first {} --seeds 1\n", seed);
    return false;
  }
  fmt::print("{} seeds from {}: every client showed the ledger at every rest\n", options.seeds, options.first);
  return true;
}

bool occurred_often(const Tally& tally, unsigned seeds) {
  bool all = true;
  for (const auto& [what, times] : tally) fmt::print("  {:<36} {}\n", what, times);
  if (seeds < 200) return true;
  for (const std::string& name : what_has_to_occur()) {
    const auto it = tally.find(name);
    if (it != tally.end() && it->second >= kOften) continue;
    fmt::print("  {} occurred less than {} times\n", name, kOften);
    all = false;
  }
  return all;
}

/// A story that cannot be played again is no help.
bool plays_the_same_again(const Options& options) {
  Tally ignored;
  const auto digest_of = [&](unsigned seed) {
    std::uint64_t digest = 0;
    play({.seed = seed, .steps = options.steps, .digest = &digest}, ignored);
    return digest;
  };
  for (unsigned seed = options.first; seed < options.first + std::min(options.seeds, kReplayed); ++seed) {
    const std::uint64_t once = digest_of(seed);
    if (digest_of(seed) == once) continue;
    fmt::print("seed {}: two plays told the clients different things\n", seed);
    return false;
  }
  return true;
}

bool finds(std::string_view name, Planted planted, int steps) {
  Tally ignored;
  for (unsigned seed = 0; seed < kPlantedSeeds; ++seed) {
    const auto violations = play({.seed = seed, .steps = steps, .planted = planted}, ignored);
    if (violations.empty()) continue;
    fmt::print("planted {}: found with seed {}: {}\n", name, seed, violations.front());
    return true;
  }
  fmt::print("planted {}: NOT found in {} seeds\n", name, kPlantedSeeds);
  return false;
}

int run(const Options& options) {
  static_cast<void>(set_log_level(options.log_level));
  bool ok = true;
  if (options.planted.empty()) {
    Tally tally;
    ok = clean(options, tally);
    ok = ok && occurred_often(tally, options.seeds);
    ok = plays_the_same_again(options) && ok;
  }
  for (const auto& [name, planted] : kPlanted) {
    if (options.planted.empty() || options.planted == name) ok = finds(name, planted, options.steps) && ok;
  }
  return ok ? 0 : 1;
}

}  // namespace
}  // namespace ndcast::sim

int main(int argc, char** argv) {
  ndcast::sim::Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    if (name == "--seeds") options.seeds = static_cast<unsigned>(std::atoi(argv[i + 1]));
    if (name == "--first") options.first = static_cast<unsigned>(std::atoi(argv[i + 1]));
    if (name == "--steps") options.steps = std::atoi(argv[i + 1]);
    if (name == "--planted") options.planted = argv[i + 1];
    if (name == "--log-level") options.log_level = argv[i + 1];
  }
  return ndcast::sim::run(options);
}
