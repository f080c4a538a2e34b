#pragma once
// The value of a state.update for a register key, read by the type that the key table gives it. What a value may be
// beyond its type (bounds, order, length) is the reducers'.
//
//   auto value = parse_value(request, scene::ValueType::Blending);     // "Additive" → Blending::Additive

#include "protocol/state_scopes.h"

namespace ndcast::protocol {

/// Booleans are not integers; a number without a fraction is one. Words are trimmed and case-insensitive, and may come
/// as {"name":…}. Lists may be null, which empties them. Refusals: Invalid.
std::expected<scene::Value, scene::Refusal> parse_value(const ScopeRequest& request, scene::ValueType type);

}  // namespace ndcast::protocol
