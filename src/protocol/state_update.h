#pragma once
// The payload of state.update: {scope,target,key,value} and, optionally, phase, interaction_id, client_seq,
// base_version (protocol.md §4). Parsed once, here, into a scene::Intent; reducers judge the rest.
//
//   auto update = parse_state_update(envelope.payload, *ledger.snapshot(), session.view);
//   if (!update) refuse(update.error());
//   reduce::reduce(*ledger.snapshot(), update->view, update->intent);

#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "base/json.h"
#include "scene/intent.h"
#include "scene/snapshot.h"

namespace ndcast::protocol {

struct StateUpdate {
  std::string scope;   ///< as understood: trimmed, lower case
  std::string target;  ///< as understood: trimmed
  std::string key;     ///< as understood: trimmed, lower case
  scene::ViewId view;  ///< the view that the intent moves; need not exist, the reducer says
  scene::Intent intent;
  std::string phase;  ///< "start", "update", "commit" or empty
  std::string interaction_id;
  std::optional<std::int64_t> client_seq;
  std::optional<std::int64_t> base_version;
  Json echo;  ///< the value as understood: applied_value of a camera ack, delta of notify.camera
};

/// Reads the payload for a session that looks at `own_view`; the snapshot only resolves names (axis labels with a
/// slash, the original's "layer-0"). Whether axis, layer and view exist is the reducer's to say.
///
/// Scope and key are trimmed and lower-cased, target is trimmed. Booleans are not integers; a number without a fraction
/// is one. Enumerations are trimmed and case-insensitive, and may come as {"name":…}. Unknown members of the payload
/// are ignored.
///
/// Refusals (WP9): Invalid (shape, unknown scope or key, wrong type, unknown word, not finite), Unsupported (a scope,
/// key of protocol.md §4 that this server does not do).
std::expected<StateUpdate, scene::Refusal> parse_state_update(const Json& payload, const scene::SceneSnapshot& snapshot,
                                                              const scene::ViewId& own_view);

/// {scope,target,key} as far as they are strings: `details` of a refusal.
Json refusal_details(const Json& payload);

}  // namespace ndcast::protocol
