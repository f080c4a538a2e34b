#pragma once
// Payloads of ack.state: exactly one answers each state.update (WP8).
//
//   Json payload = accepted_payload("intent-1", "state-1", Json(5), 42);

#include <cstdint>
#include <string_view>

#include "base/json.h"
#include "scene/intent.h"

namespace ndcast::protocol {

/// `in_reply_to` is the update's frame_id. `version` is the answering register's version, or the view's camera_seq for
/// camera verbs. A null `applied_value` is printed: it is the value of a register that holds null.
Json accepted_payload(std::string_view intent_id, std::string_view in_reply_to, Json applied_value,
                      std::uint64_t version);

/// `details` null is left out.
Json rejected_payload(std::string_view intent_id, std::string_view in_reply_to, const scene::Refusal& refusal,
                      Json details = nullptr);

}  // namespace ndcast::protocol
