// The control plane under load, beside its peers: what a drag costs and how long it takes to everybody else's eyes.
// Server and generator have one core each; all peers do the same work in interleaved rounds, with one clock for both
// ends of every value. Peers are installed by tools/bench_peers.sh.
//
//   build/release/bench/control [--json FILE] [--scenario drag50,single] [--only ndcast,nats] [--rounds 5]
//                               [--seconds 6] [--cores 0,1] [--peers build/peers] [--ndcast build/release/ndcast]

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "bench/control/drag.h"
#include "bench/control/image_of_layers.h"
#include "bench/control/scenarios.h"
#include "bench/report.h"

namespace ndcast::bench {
namespace {

struct Options {
  std::string json_file;
  std::vector<std::string> scenarios;
  std::vector<std::string> only;
  int rounds = 5;
  int seconds = 6;
  int generator_core = 1;
  Place place;
};

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    words.push_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

bool wanted(const std::vector<std::string>& words, std::string_view word) {
  return words.empty() || std::ranges::find(words, word) != words.end();
}

Options parse(int argc, char** argv) {
  Options options;
  const std::filesystem::path source = NDCAST_SOURCE_DIR;
  const std::filesystem::path own = std::filesystem::read_symlink("/proc/self/exe");
  options.place.ndcast = own.parent_path().parent_path() / "ndcast";
  options.place.peers = source / "build" / "peers";
  options.place.scripts = source / "bench" / "control" / "peers";
  for (int i = 1; i < argc; i += 2) {
    const std::string name = argv[i];
    if (i + 1 == argc) throw std::invalid_argument(name + " needs a value");
    const std::string value = argv[i + 1];
    if (name == "--json") {
      options.json_file = value;
    } else if (name == "--scenario") {
      options.scenarios = split(value);
    } else if (name == "--only") {
      options.only = split(value);
    } else if (name == "--rounds") {
      options.rounds = std::atoi(value.c_str());
    } else if (name == "--seconds") {
      options.seconds = std::atoi(value.c_str());
    } else if (name == "--cores") {
      const std::vector<std::string> cores = split(value);
      options.place.server_core = std::atoi(cores.front().c_str());
      options.generator_core = std::atoi(cores.back().c_str());
    } else if (name == "--peers") {
      options.place.peers = std::filesystem::absolute(value);
    } else if (name == "--ndcast") {
      options.place.ndcast = std::filesystem::absolute(value);
    } else {
      throw std::invalid_argument("unknown option " + name);
    }
  }
  return options;
}

/// Those that are there and do what is timed.
std::vector<const Peer*> checked_peers(const Options& options) {
  std::vector<const Peer*> peers;
  for (const auto& peer : all_peers()) {
    if (!wanted(options.only, peer->name())) continue;
    if (const auto missing = peer->missing(options.place)) {
      fmt::print("  {:<14} left out: {}\n", peer->name(), *missing);
      continue;
    }
    check_peer(*peer, options.place);
    fmt::print("  {:<14} {}\n", peer->name(), peer->describe(options.place));
    peers.push_back(peer.get());
  }
  return peers;
}

int run(Options options) {
  const ImageOfLayers image(kSliders);
  options.place.image = image.path();
  pin_to_core(options.generator_core);
  const Campaign campaign{checked_peers(options), options.rounds, options.seconds};
  std::vector<Row> rows;
  for (const Scenario& scenario : all_scenarios()) {
    if (!wanted(options.scenarios, scenario.name)) continue;
    std::ranges::move(scenario.run(campaign, options.place), std::back_inserter(rows));
  }
  return report("control", rows, options.json_file);
}

}  // namespace
}  // namespace ndcast::bench

int main(int argc, char** argv) {
  try {
    return ndcast::bench::run(ndcast::bench::parse(argc, argv));
  } catch (const std::exception& error) {
    fmt::print(stderr, "control: {}\n", error.what());
    return 2;
  }
}
