#pragma once
// What has to be true when everything has arrived: every client shows exactly what the ledger holds, in its own words,
// and knows who else is here.

#include <vector>

#include "tests/sim/seat.h"
#include "tests/sim/sim_server.h"

namespace ndcast::sim {

void check_at_rest(SimServer& server, const std::vector<Seat>& seats, Violations& violations);

}  // namespace ndcast::sim
