#include "protocol/presence.h"

#include <algorithm>
#include <cmath>

#include "base/limits.h"
#include "protocol/describe_presence.h"

namespace ndcast::protocol {

Result<Pointing> parse_pointing(const Json& payload) {
  ND_ASSIGN(Pointing pointing, described::parse<Pointing>(payload, "payload"));
  if (!pointing.cursor) return pointing;
  if (pointing.cursor->size() > limits::kDimensions) {
    return fail(ErrorCode::Invalid, "payload.cursor: {} numbers, expected one an axis, at most {}",
                pointing.cursor->size(), limits::kDimensions);
  }
  if (!std::ranges::all_of(*pointing.cursor, [](double number) { return std::isfinite(number); })) {
    return fail(ErrorCode::Invalid, "payload.cursor: expected finite numbers");
  }
  if (pointing.cursor->empty()) pointing.cursor.reset();
  return pointing;
}

Json to_payload(const PresenceNotice& notice) { return described::print(notice); }

}  // namespace ndcast::protocol
