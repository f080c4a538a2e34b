#pragma once
// The keys of each scope of a state.update, one parser a scope (protocol.md §4). Internal to parse_state_update().

#include <expected>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/json.h"
#include "protocol/found.h"
#include "scene/intent.h"
#include "scene/snapshot.h"

namespace ndcast::protocol {

/// A state.update whose names have been normalised and whose value has not been looked at.
struct ScopeRequest {
  std::string_view scope;
  std::string_view target;
  std::string_view key;
  const Json& value;
  const scene::SceneSnapshot& snapshot;
  const scene::ViewId& own_view;
};

struct Understood {
  scene::ViewId view;
  scene::Intent intent;
  Json echo;
};

using Understanding = std::expected<Understood, scene::Refusal>;

/// `return refuse(scene::StateCode::Invalid, "…", …);`
template <class... Args>
std::unexpected<scene::Refusal> refuse(scene::StateCode code, fmt::format_string<Args...> format, Args&&... args) {
  return std::unexpected(scene::Refusal{code, fmt::format(format, std::forward<Args>(args)...)});
}

/// "dims index: expected an integer, found string "five"".
inline std::unexpected<scene::Refusal> refuse_value(const ScopeRequest& request, std::string_view expected) {
  return refuse(scene::StateCode::Invalid, "{} {}: expected {}, found {}", request.scope, request.key, expected,
                describe_found(request.value));
}

inline std::unexpected<scene::Refusal> refuse_key(const ScopeRequest& request) {
  return refuse(scene::StateCode::Invalid, "unsupported {} key {}", request.scope, excerpt(request.key));
}

/// The view that a target names (WP32): "" and "main" mean the session's own.
scene::ViewId target_view(const ScopeRequest& request);

Understanding parse_view_key(const ScopeRequest& request);
Understanding parse_multiscale_key(const ScopeRequest& request);
Understanding parse_dims_key(const ScopeRequest& request);
Understanding parse_camera_key(const ScopeRequest& request);
Understanding parse_layer_key(const ScopeRequest& request);
Understanding parse_volume_key(const ScopeRequest& request);
Understanding parse_settings_key(const ScopeRequest& request);

}  // namespace ndcast::protocol
