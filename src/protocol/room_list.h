#pragma once
// GET /api/v1/rooms: {"rooms":[{"name","sessions","views","image"}]}, by name (docs/protocol.md WP23).

#include <cstdint>
#include <span>
#include <string>

#include "base/json.h"

namespace ndcast::protocol {

struct RoomEntry {
  std::string name;
  std::int64_t sessions = 0;  ///< welcomed and connected
  std::int64_t views = 0;
  std::string image;  ///< URI of what it shows; empty while nothing is open
};

Json rooms_to_json(std::span<const RoomEntry> rooms);

}  // namespace ndcast::protocol
