#include "protocol/schema_state.h"

#include <cctype>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "protocol/frames.h"
#include "protocol/key_forms.h"
#include "protocol/scene_file.h"

namespace ndcast::protocol {
namespace {

using described::Definitions;
using described::typed;

Json constant(Json value) { return Json::make_object({{"const", std::move(value)}}); }

Json counter() {
  Json out = typed("integer");
  out.set("minimum", 0);
  return out;
}

Json phase() {
  return Json::make_object({{"title", "Phase"},
                            {"type", "string"},
                            {"enum", Json::list(std::vector<std::string>{"start", "update", "commit"})}});
}

/// An object with exactly these properties; the last `optional` of them may be absent.
Json object_schema(std::string_view title, Json::Object properties, std::size_t optional = 0) {
  Json required = Json::make_array();
  for (std::size_t i = 0; i + optional < properties.size(); ++i) required.push_back(properties[i].first);
  return Json::make_object({{"title", title},
                            {"type", "object"},
                            {"properties", std::move(properties)},
                            {"required", std::move(required)},
                            {"additionalProperties", false}});
}

Json named(Definitions& definitions, const std::string& name, Json schema) {
  if (!definitions.has(name)) definitions.add(name, std::move(schema));
  return Definitions::reference(name);
}

Json target_of(scene::Scope scope) {
  if (scope == scene::Scope::Scene || scope == scene::Scope::Axes || scope == scene::Scope::Settings) {
    return constant("main");
  }
  return typed("string");
}

// --- registers -----------------------------------------------------------------------------------------------------

constexpr std::size_t kOptionalProvenance = 4;

void add_provenance(Json::Object& properties, Definitions& definitions) {
  properties.emplace_back("version", counter());
  properties.emplace_back("actor", typed("string"));
  properties.emplace_back("origin", described::schema<ledger::Origin>(definitions));
  properties.emplace_back("intent_id", typed("string"));
  properties.emplace_back("client_seq", counter());
  properties.emplace_back("interaction_id", typed("string"));
  properties.emplace_back("phase", named(definitions, "Phase", phase()));
}

Json register_schema(const scene::KeySpec& spec, const std::string& name, Definitions& definitions) {
  Json::Object properties = {{"scope", constant(to_string(spec.scope))},
                             {"target", target_of(spec.scope)},
                             {"key", constant(spec.name)},
                             {"value", value_schema(spec.type, definitions)}};
  add_provenance(properties, definitions);
  return object_schema(name, std::move(properties), kOptionalProvenance);
}

/// A register of a layer or a view that is gone: its value is null.
Json gone_schema(Definitions& definitions) {
  Json keys = Json::make_array();
  Json scopes = Json::make_array();
  std::set<std::string_view> seen;
  for (const scene::KeySpec& spec : scene::key_table()) {
    if (spec.scope == scene::Scope::Scene || spec.scope == scene::Scope::Axes) continue;
    if (seen.insert(to_string(spec.scope)).second) scopes.push_back(to_string(spec.scope));
  }
  seen.clear();
  for (const scene::KeySpec& spec : scene::key_table()) {
    if (spec.scope == scene::Scope::Scene || spec.scope == scene::Scope::Axes) continue;
    if (seen.insert(spec.name).second) keys.push_back(spec.name);
  }
  Json scope = typed("string");
  scope.set("enum", std::move(scopes));
  Json key = typed("string");
  key.set("enum", std::move(keys));
  Json::Object properties = {{"scope", std::move(scope)},
                             {"target", typed("string")},
                             {"key", std::move(key)},
                             {"value", typed("null")},
                             {"gone", constant(true)}};
  add_provenance(properties, definitions);
  return object_schema("GoneRegister", std::move(properties), kOptionalProvenance);
}

Json registers_schema(Definitions& definitions) {
  if (!definitions.has("Register")) {
    definitions.add("Register", Json());  // its place in the order
    Json any = Json::make_array();
    for (const scene::KeySpec& spec : scene::key_table()) {
      const std::string name = pascal_case(to_string(spec.scope)) + pascal_case(spec.name) + "Register";
      any.push_back(named(definitions, name, register_schema(spec, name, definitions)));
    }
    any.push_back(named(definitions, "GoneRegister", gone_schema(definitions)));
    definitions.add("Register", Json::make_object({{"title", "Register"}, {"anyOf", std::move(any)}}));
  }
  Json out = typed("array");
  out.set("items", Definitions::reference("Register"));
  return out;
}

// --- state updates -------------------------------------------------------------------------------------------------

Json update_value(const KeyForm& form, Definitions& definitions) {
  if (form.words.empty()) return form.schema(definitions);
  Json out = typed("string");
  out.set("enum", Json::list(form.words));
  return out;
}

Json update_schema(const KeyForm& form, const std::string& name, Definitions& definitions) {
  Json::Object properties = {{"scope", constant(form.scope)},
                             {"target", typed("string")},
                             {"key", constant(form.key)},
                             {"value", update_value(form, definitions)},
                             {"phase", named(definitions, "Phase", phase())},
                             {"interaction_id", typed("string")},
                             {"client_seq", counter()},
                             {"base_version", counter()}};
  Json out = object_schema(name, std::move(properties), 4);
  out.set("description", form.doc);
  return out;
}

}  // namespace

std::string pascal_case(std::string_view name) {
  std::string out;
  bool starts_word = true;
  for (const char c : name) {
    if (c == '.' || c == '_' || c == '-') {
      starts_word = true;
      continue;
    }
    out += starts_word ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    starts_word = false;
  }
  return out;
}

Json snapshot_schema(Definitions& definitions) {
  Json registers = registers_schema(definitions);
  return named(definitions, "SnapshotPayload",
               object_schema("SnapshotPayload", {{"history_id", typed("string")},
                                                 {"server_seq", counter()},
                                                 {"view", typed("string")},
                                                 {"binding", counter()},
                                                 {"registers", std::move(registers)}}));
}

Json commit_schema(Definitions& definitions) {
  Json registers = registers_schema(definitions);
  return named(definitions, "CommitPayload",
               object_schema("CommitPayload",
                             {{"from", counter()}, {"server_seq", counter()}, {"registers", std::move(registers)}}));
}

Json state_update_schema(Definitions& definitions) {
  if (!definitions.has("StateUpdate")) {
    definitions.add("StateUpdate", Json());  // its place in the order
    Json any = Json::make_array();
    for (const KeyForm& form : key_forms()) {
      const std::string name = pascal_case(form.scope) + pascal_case(form.key) + "Update";
      any.push_back(named(definitions, name, update_schema(form, name, definitions)));
    }
    definitions.add("StateUpdate", Json::make_object({{"title", "StateUpdate"}, {"anyOf", std::move(any)}}));
  }
  return Definitions::reference("StateUpdate");
}

Json scene_file_schema(Definitions& definitions) {
  Json any = Json::make_array();
  for (const scene::KeySpec& spec : scene::key_table()) {
    if (!spec.keep.file) continue;
    const std::string name = "Scene" + pascal_case(to_string(spec.scope)) + pascal_case(spec.name);
    any.push_back(named(definitions, name,
                        object_schema(name, {{"scope", constant(to_string(spec.scope))},
                                             {"target", target_of(spec.scope)},
                                             {"key", constant(spec.name)},
                                             {"value", value_schema(spec.type, definitions)}})));
  }
  Json registers = typed("array");
  registers.set("items", named(definitions, "SceneRegister",
                               Json::make_object({{"title", "SceneRegister"}, {"anyOf", std::move(any)}})));
  return object_schema("SceneFile",
                       {{"ndcast_scene", constant(kSceneFileVersion)}, {"registers", std::move(registers)}});
}

}  // namespace ndcast::protocol
