#pragma once
// What bench/control measures, and the rows it makes of it.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/control/peer.h"
#include "bench/report.h"

namespace ndcast::bench {

struct Campaign {
  std::vector<const Peer*> peers;  ///< of the drags, in the order of each round
  int rounds = 5;
  int seconds = 6;
};

struct Scenario {
  std::string_view name;
  std::string_view what;
  std::vector<Row> (*run)(const Campaign& campaign, const Place& place);
};
std::span<const Scenario> all_scenarios();

}  // namespace ndcast::bench
