#pragma once
// Payloads of nd.presence (docs/protocol.md WP14): who is in the room, where they look and what they point at.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "protocol/handshake.h"

namespace ndcast::protocol {

/// From a client: what it points at.
struct Pointing {
  /// World position, one number an axis as of AxesSpec. Absent or empty: at nothing.
  std::optional<std::vector<double>> cursor;
};

struct Present {
  std::string session;
  std::string actor;
  ActorKind kind = ActorKind::Human;
  std::string role;
  std::string view;  ///< id of the view that it sees
  bool follows = false;
  std::string color;  ///< "#rrggbb", its own for as long as it stays
  std::optional<std::vector<double>> cursor;
};

/// To a client: `here` replaces what it knew of those sessions, `gone` are here no more; with `whole`, nobody else is.
struct PresenceNotice {
  bool whole = false;
  std::int64_t sessions = 0;  ///< in the room; `here` tells of the first session::PresenceBoard::kPeopleShown
  std::vector<Present> here;
  std::vector<std::string> gone;
};

/// Errors: Invalid (unknown members, a cursor that is not a list of at most limits::kDimensions finite numbers).
Result<Pointing> parse_pointing(const Json& payload);
Json to_payload(const PresenceNotice& notice);

}  // namespace ndcast::protocol
