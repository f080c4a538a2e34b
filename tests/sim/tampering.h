#pragma once
// The planted bugs of the wire: what a server with one of them would have sent.

#include <memory>
#include <string>
#include <vector>

#include "tests/sim/intents.h"
#include "tests/sim/seat.h"
#include "tests/sim/story.h"

namespace ndcast::sim {

/// The messages that reach the client in place of this one; without a planted bug, this one.
std::vector<std::shared_ptr<const std::string>> tampered(Planted planted, Seat& seat,
                                                         std::shared_ptr<const std::string> text, const Dice& pick);

}  // namespace ndcast::sim
