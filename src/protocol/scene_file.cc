#include "protocol/scene_file.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "protocol/found.h"
#include "protocol/values.h"

namespace ndcast::protocol {
namespace {

using scene::RegisterId;
using scene::Scope;

/// Scopes whose target is a name of the scene's; the others have the one target "main".
bool has_named_target(Scope scope) { return scope == Scope::Dims || scope == Scope::Layer; }

bool is_of_main_view(const RegisterId& id) {
  if (id.scope == Scope::Dims) return id.view == scene::kMainView.value;
  return has_named_target(id.scope) || id.target == scene::kMainView.value;
}

Result<std::string> text_member(const Json& json, std::string_view name) {
  const Json* found = json.find(name);
  if (!found) return fail(ErrorCode::Invalid, "{} is missing", name);
  if (!found->is_string() || found->string().empty() || found->string().size() > limits::kNameBytes) {
    return fail(ErrorCode::Invalid, "{}: expected a string of 1 to {} bytes, found {}", name, limits::kNameBytes,
                describe_found(*found));
  }
  return found->string();
}

Result<std::pair<RegisterId, scene::Value>> register_from_json(const Json& json) {
  if (!json.is_object()) return fail(ErrorCode::Invalid, "expected an object, found {}", describe_found(json));
  if (json.size() != 4) return fail(ErrorCode::Invalid, "expected the members scope, target, key, value and no others");
  ND_ASSIGN(const std::string scope_name, text_member(json, "scope"));
  ND_ASSIGN(std::string target, text_member(json, "target"));
  ND_ASSIGN(const std::string key, text_member(json, "key"));
  const Json* value = json.find("value");
  if (!value) return fail(ErrorCode::Invalid, "value is missing");
  const auto scope = scene::scope_from_string(scope_name);
  const scene::KeySpec* spec = scope ? scene::find_key(*scope, key) : nullptr;
  if (!spec || !spec->keep.file)
    return fail(ErrorCode::Invalid, "a scene file has no {} {}", excerpt(scope_name), excerpt(key));
  if (!has_named_target(*scope) && target != scene::kMainView.value) {
    return fail(ErrorCode::Invalid, "{} {}: expected the target \"main\", found \"{}\"", scope_name, key,
                excerpt(target));
  }
  auto parsed = value_from_json(spec->type, *value);
  if (!parsed) {
    return fail(ErrorCode::Invalid, "{}/{} {}: {}", scope_name, excerpt(target), key, parsed.error().message);
  }
  RegisterId id{*scope, std::move(target), spec->key, *scope == Scope::Dims ? scene::kMainView.value : ""};
  return std::pair(std::move(id), std::move(*parsed));
}

}  // namespace

Json scene_to_json(const std::map<RegisterId, ledger::Register>& registers) {
  Json::Array out;
  for (const auto& [id, held] : registers) {
    const scene::KeySpec& spec = scene::spec_of(id.scope, id.key);
    if (!spec.keep.file || !is_of_main_view(id) || std::holds_alternative<scene::Gone>(held.value)) continue;
    out.push_back(Json::make_object(
        {{"scope", to_string(id.scope)}, {"target", id.target}, {"key", spec.name}, {"value", to_json(held.value)}}));
  }
  return Json::make_object({{"ndcast_scene", kSceneFileVersion}, {"registers", std::move(out)}});
}

Result<SceneRegisters> scene_from_json(const Json& json) {
  const Json* version = json.find("ndcast_scene");
  if (!version) {
    return fail(ErrorCode::Invalid, "not a scene file: expected {{\"ndcast_scene\":{},\"registers\":[…]}}, found {}",
                kSceneFileVersion, describe_found(json));
  }
  if (version->as_int64() != kSceneFileVersion) {
    return fail(ErrorCode::Invalid, "ndcast_scene: expected version {}, found {}", kSceneFileVersion,
                describe_found(*version));
  }
  const Json* registers = json.find("registers");
  if (!registers || !registers->is_array() || json.size() != 2) {
    return fail(ErrorCode::Invalid, "scene file: expected the members ndcast_scene and registers (an array) only");
  }
  SceneRegisters out;
  std::set<RegisterId> seen;
  for (std::size_t i = 0; i < registers->size(); ++i) {
    auto entry = register_from_json(registers->array()[i]);
    if (!entry) return fail(ErrorCode::Invalid, "registers[{}]: {}", i, entry.error().message);
    if (!seen.insert(entry->first).second) {
      return fail(ErrorCode::Invalid, "registers[{}]: {}/{} {} stands there twice", i, to_string(entry->first.scope),
                  excerpt(entry->first.target), scene::spec_of(entry->first.scope, entry->first.key).name);
    }
    out.push_back(std::move(*entry));
  }
  return out;
}

}  // namespace ndcast::protocol
