// What others feel of an attack: the wait of one well-behaved session for its acks, with and without somebody attacking
// the same server, in interleaved windows (ABBA), per attack. Two windows without one (A/A) show the noise.
//
//   bench/attack [--rounds 6] [--window-ms 1000] [--only WORD] [--json FILE]
//
// The server has one processor, the attacker and the witness the other; the witness goes first there (SCHED_RR where
// the system allows it), so that it waits for the server and not for the attacker's own work.

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <sched.h>

#include "auth/key_file.h"
#include "base/ids.h"
#include "bench/attack/attackers.h"
#include "bench/attack/witness.h"
#include "bench/report.h"
#include "tests/wire_session.h"

namespace ndcast::bench {
namespace {

namespace fs = std::filesystem;

struct Options {
  int rounds = 6;
  std::chrono::milliseconds window{1000};
  std::string json_file;
  std::string only;  ///< attacks whose name holds this; nobody's always
};

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    if (name == "--rounds") options.rounds = std::atoi(argv[i + 1]);
    if (name == "--window-ms") options.window = std::chrono::milliseconds(std::atoi(argv[i + 1]));
    if (name == "--only") options.only = argv[i + 1];
    if (name == "--json") options.json_file = argv[i + 1];
  }
  return options;
}

void pin_to(int processor) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(processor, &set);
  sched_setaffinity(0, sizeof set, &set);
}

double median(std::vector<double> values) { return percentile(std::move(values), 0.5); }

/// p95 of the witness' waits, in pairs of windows: {quiet, attacked} sums of each ABBA.
struct Pairs {
  std::vector<double> ratios;
  std::vector<double> quiet_ms;
  std::vector<double> attacked_ms;
};

/// A window of quiet, two of attack, one of quiet. An empty attack gives A/A.
Pairs measure(const Attack& attack, const Target& target, Witness& witness, const Options& options) {
  Pairs pairs;
  const auto window = [&](bool attacked) {
    const Attackers attackers(attacked ? attack.begin : nullptr, target);
    return witness.p95_ms(options.window);
  };
  for (int round = 0; round < options.rounds; ++round) {
    const double a1 = window(false);
    const double b1 = window(true);
    const double b2 = window(true);
    const double a2 = window(false);
    pairs.ratios.push_back((b1 + b2) / (a1 + a2));
    pairs.quiet_ms.push_back((a1 + a2) / 2);
    pairs.attacked_ms.push_back((b1 + b2) / 2);
  }
  return pairs;
}

int run(const Options& options) {
  const fs::path folder = fs::temp_directory_path() / ("ndcast-bench-attack-" + random_hex(8));
  fs::create_directories(folder);
  if (!auth::write_new_secret(folder / "key")) throw std::runtime_error("no key could be written");
  pin_to(0);
  testing::Program server({std::string(NDCAST_SOURCE_DIR) + "/samples/mri-stack.ome.zarr", "--port", "0", "--token-key",
                           (folder / "key").string(), "--max-connections", "640", "--no-journal"});
  pin_to(1);
  std::vector<Row> rows;
  {
    const Target target{server.port(), server.token()};
    Witness witness(target);
    witness.p95_ms(options.window);  // warm
    std::vector<double> noise;
    for (const Attack& attack : attacks()) {
      if (attack.begin != nullptr && !attack.name.contains(options.only)) continue;
      const Pairs pairs = measure(attack, target, witness, options);
      if (attack.begin == nullptr) {
        noise = pairs.ratios;
        rows.push_back({.what = "A/A, median p95",
                        .value = median(pairs.attacked_ms),
                        .unit = "ms",
                        .peer = "quiet",
                        .peer_value = median(pairs.quiet_ms)});
        rows.push_back(
            {.what = "A/A, largest ratio of a round", .value = *std::ranges::max_element(noise), .unit = "x"});
        continue;
      }
      // The medians' quotient would mix rounds; a median of ratios is what the rounds are interleaved for.
      rows.push_back({.what = attack.name,
                      .value = median(pairs.attacked_ms),
                      .unit = "ms",
                      .peer = "quiet",
                      .peer_value = median(pairs.quiet_ms)});
      rows.push_back({.what = attack.name + ", median ratio",
                      .value = median(pairs.ratios),
                      .unit = "x",
                      .reach = std::max(1.10, *std::ranges::max_element(noise))});
    }
    if (witness.failures() > 0) throw std::runtime_error("the witness was refused or cut off");
  }
  if (!server.is_running()) throw std::runtime_error("the server ended");
  fs::remove_all(folder);
  return report("attack", rows, options.json_file);
}

}  // namespace
}  // namespace ndcast::bench

int main(int argc, char** argv) {
  try {
    return ndcast::bench::run(ndcast::bench::parse(argc, argv));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench/attack: %s\n", error.what());
    return 2;
  }
}
