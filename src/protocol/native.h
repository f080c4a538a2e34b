#pragma once
// The native dialect's view of the ledger (protocol.md §5): registers, one nd.snapshot, then one nd.commit a flush.
//
//   Json::Array registers;
//   for (const auto& id : flush.registers) registers.push_back(register_json(id, ledger.find(id), {.session = id}));
//   Json payload = commit_payload(flush.from, flush.to, std::move(registers));

#include <cstdint>
#include <string>
#include <string_view>

#include "base/json.h"
#include "ledger/ledger.h"
#include "scene/register.h"

namespace ndcast::protocol {

/// Whose eyes a register is printed for.
struct Audience {
  std::string_view session;  ///< intent_id is printed for its own session only; empty for a frame common to all
  std::string_view view = "main";
  std::uint8_t binding = 0;  ///< how often the session has changed views, modulo 256
};

// WP32: a session calls its own view "main", the room's first view (id "main") "room" while it is in another, and any
// other view by its id.

/// The first view of the room, for a session that is in another one.
inline constexpr std::string_view kRoomView = "room";
/// What a session in `own_view` calls the view.
std::string_view wire_view(std::string_view view, std::string_view own_view);
/// The view that a session in `own_view` means; "" and "main" are its own. It need not exist.
scene::ViewId view_from_wire(std::string_view name, const scene::ViewId& own_view);

/// The target as `own_view`'s sessions see it: a dims register of another view is VIEW/AXIS.
std::string wire_target(const scene::RegisterId& id, std::string_view own_view);

/// {scope,target,key,value,version,actor,origin,intent_id?,client_seq?,interaction_id?,phase?}; a value of Gone prints
/// as null with gone:true.
Json register_json(const scene::RegisterId& id, const ledger::Register& value, const Audience& audience);

/// Payload of nd.snapshot: the whole state, and which view is the reader's own.
Json snapshot_payload(std::string_view history_id, std::uint64_t server_seq, const Audience& audience,
                      Json::Array registers);
/// Every live register of the ledger, in its stable order.
Json snapshot_payload(const ledger::Ledger& ledger, const Audience& audience);
/// Payload of nd.commit: takes a client from `from` to `server_seq`.
Json commit_payload(std::uint64_t from, std::uint64_t server_seq, Json::Array registers);

}  // namespace ndcast::protocol
