#include "protocol/state_update.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/limits.h"
#include "protocol/native.h"
#include "protocol/state_scopes.h"

namespace ndcast::protocol {
namespace {

using scene::StateCode;

struct ScopeEntry {
  std::string_view scope;
  Understanding (*parse)(const ScopeRequest&);
};
constexpr std::array kScopes = {
    ScopeEntry{"view", parse_view_key},         ScopeEntry{"dims", parse_dims_key},
    ScopeEntry{"camera", parse_camera_key},     ScopeEntry{"layer", parse_layer_key},
    ScopeEntry{"volume", parse_volume_key},     ScopeEntry{"multiscale", parse_multiscale_key},
    ScopeEntry{"settings", parse_settings_key},
};

// The original's key that chooses a level policy; there is one policy, and its name is no choice.
constexpr std::pair<std::string_view, std::string_view> kPolicy{"multiscale", "policy"};

std::string_view text_of(const Json& payload, std::string_view member) {
  const Json* found = payload.find(member);
  return found && found->is_string() ? std::string_view(found->string()) : std::string_view();
}

std::optional<scene::Refusal> check_shape(const Json& payload) {
  if (!payload.is_object()) {
    return refuse(StateCode::Invalid, "payload: expected an object, found {}", describe_found(payload)).error();
  }
  for (const std::string_view member : {"scope", "target", "key"}) {
    const Json* found = payload.find(member);
    if (!found) return refuse(StateCode::Invalid, "{} is missing, expected a string", member).error();
    if (!found->is_string() || found->string().size() > limits::kNameBytes) {
      return refuse(StateCode::Invalid, "{}: expected a string of at most {} bytes, found {}", member,
                    limits::kNameBytes, describe_found(*found))
          .error();
    }
  }
  if (!payload.find("value")) return refuse(StateCode::Invalid, "value is missing").error();
  return std::nullopt;
}

std::optional<scene::Refusal> read_counter(const Json& payload, std::string_view member,
                                           std::optional<std::int64_t>& out) {
  const Json* found = payload.find(member);
  if (!found || found->is_null()) return std::nullopt;
  const auto number = found->as_int64();
  if (!number || *number < 0 || *number > static_cast<std::int64_t>(limits::kMaxServerSeq)) {
    return refuse(StateCode::Invalid, "{}: expected an integer from 0 to 2^53, found {}", member,
                  describe_found(*found))
        .error();
  }
  out = number;
  return std::nullopt;
}

/// The optional members that say where in a drag, and after what, an update stands.
std::optional<scene::Refusal> read_context(const Json& payload, StateUpdate& update) {
  if (auto refusal = read_counter(payload, "client_seq", update.client_seq)) return refusal;
  if (auto refusal = read_counter(payload, "base_version", update.base_version)) return refusal;
  if (const Json* phase = payload.find("phase"); phase && !phase->is_null()) {
    update.phase = lower(trimmed(text_of(payload, "phase")));
    if (update.phase != "start" && update.phase != "update" && update.phase != "commit") {
      return refuse(StateCode::Invalid, "phase: expected start, update or commit, found {}", describe_found(*phase))
          .error();
    }
  }
  if (const Json* id = payload.find("interaction_id"); id && !id->is_null()) {
    if (!id->is_string() || id->string().size() > limits::kNameBytes) {
      return refuse(StateCode::Invalid, "interaction_id: expected a string of at most {} bytes, found {}",
                    limits::kNameBytes, describe_found(*id))
          .error();
    }
    update.interaction_id = id->string();
  }
  return std::nullopt;
}

Understanding understand(const ScopeRequest& request) {
  if (std::pair(request.scope, request.key) == kPolicy) {
    return refuse(StateCode::Unsupported, "multiscale policy is not configurable; bias and level are");
  }
  const auto entry = std::ranges::find(kScopes, request.scope, &ScopeEntry::scope);
  if (entry != kScopes.end()) return entry->parse(request);
  const auto scope = scene::scope_from_string(request.scope);
  if (scope && scene::find_key(*scope, request.key)) {
    return refuse(StateCode::Invalid, "{} {} is written by the server alone", request.scope, request.key);
  }
  return refuse(StateCode::Invalid, "unsupported {} key {}", excerpt(request.scope), excerpt(request.key));
}

}  // namespace

scene::ViewId target_view(const ScopeRequest& request) { return view_from_wire(request.target, request.own_view); }

std::expected<StateUpdate, scene::Refusal> parse_state_update(const Json& payload, const scene::SceneSnapshot& snapshot,
                                                              const scene::ViewId& own_view) {
  if (auto refusal = check_shape(payload)) return std::unexpected(std::move(*refusal));
  StateUpdate update;
  update.scope = lower(trimmed(text_of(payload, "scope")));
  update.target = trimmed(text_of(payload, "target"));
  update.key = lower(trimmed(text_of(payload, "key")));
  if (update.scope.empty() || update.key.empty()) return refuse(StateCode::Invalid, "scope/key required");
  if (auto refusal = read_context(payload, update)) return std::unexpected(std::move(*refusal));
  auto understood = understand({.scope = update.scope,
                                .target = update.target,
                                .key = update.key,
                                .value = *payload.find("value"),
                                .snapshot = snapshot,
                                .own_view = own_view});
  if (!understood) return std::unexpected(std::move(understood).error());
  update.view = std::move(understood->view);
  update.intent = std::move(understood->intent);
  update.echo = std::move(understood->echo);
  return update;
}

Json refusal_details(const Json& payload) {
  Json out = Json::make_object();
  for (const std::string_view member : {"scope", "target", "key"}) {
    const Json* found = payload.find(member);
    if (found && found->is_string()) out.set(member, excerpt(found->string()));
  }
  return out;
}

}  // namespace ndcast::protocol
