#pragma once
// Which commands clients of a story call, and with what: one row a command.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "tests/sim/intents.h"

namespace ndcast::sim {

/// What a client knows that it may name in a call.
struct Acquaintance {
  std::vector<std::string> views;     ///< but the one that it sees, as it calls them
  std::vector<std::string> sessions;  ///< of others
  std::vector<std::string> actors;
  std::vector<std::string> jobs;  ///< that it may end, or others when there is none
  std::string history_cursor;     ///< of its last page of history, or empty
  std::uint64_t server_seq = 0;
};

struct Call {
  std::string command;
  Json kwargs;
};

/// One of them, now and then with an argument that is refused, or a command that there is not.
Call draw_call(const Acquaintance& known, const Dice& pick);

}  // namespace ndcast::sim
