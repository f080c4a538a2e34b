#include "protocol/key_forms.h"

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/check.h"
#include "protocol/describe_scene.h"
#include "protocol/values.h"

namespace ndcast::protocol {
namespace {

using scene::Value;
using scene::ValueType;
using Schema = Json (*)(described::Definitions&);

constexpr std::size_t kTypes = std::variant_size_v<Value> - 1;
constexpr auto kSchemas = []<std::size_t... I>(std::index_sequence<I...>) {
  return std::array<Schema, kTypes>{&described::schema<std::variant_alternative_t<I + 1, Value>>...};
}(std::make_index_sequence<kTypes>());

std::string type_name(ValueType type) {
  switch (type) {
    case ValueType::Bool:
      return "boolean";
    case ValueType::Integer:
      return "integer";
    case ValueType::Number:
      return "number";
    case ValueType::Text:
      return "string";
    case ValueType::OptionalInteger:
      return "integer|null";
    case ValueType::IntegerList:
      return "integer[]";
    case ValueType::NumberPair:
      return "number[2]";
    case ValueType::Canvas:
      return "Canvas";
    case ValueType::OptionalPlay:
      return "Play|null";
    case ValueType::NumberList:
      return "number[]";
    case ValueType::PointList:
      return "number[2][]";
    case ValueType::ClipPlanes:
      return "ClipPlane[]";
    case ValueType::OptionalPlane:
      return "LayerPlane|null";
    default:
      return "string";  // the enumerations; other types are never sent by clients
  }
}

template <class Enum>
void add_words(KeyForm& form) {
  form.words = scene::enum_words<Enum>();
}

void add_words_of(ValueType type, KeyForm& form) {
  if (type == ValueType::Blending) add_words<scene::Blending>(form);
  if (type == ValueType::Interpolation) add_words<scene::Interpolation>(form);
  if (type == ValueType::Rendering) add_words<scene::Rendering>(form);
  if (type == ValueType::Depiction) add_words<scene::Depiction>(form);
  if (type == ValueType::ProjectionMode) add_words<scene::ProjectionMode>(form);
}

KeyForm register_form(std::string_view scope, const scene::KeySpec& spec) {
  KeyForm form{.scope = scope,
               .key = spec.name,
               .type = type_name(spec.type),
               .schema = kSchemas[static_cast<std::size_t>(spec.type)],
               .min_role = spec.min_role,
               .bounds = spec.bounds,
               .default_value = scene::default_value(spec),
               .doc = spec.doc};
  add_words_of(spec.type, form);
  return form;
}

void add_registers(std::vector<KeyForm>& forms, scene::Scope scope) {
  for (const scene::KeySpec& spec : scene::key_table()) {
    if (spec.scope == scope && spec.editable) forms.push_back(register_form(to_string(scope), spec));
  }
}

/// What a verb's value looks like.
struct VerbForm {
  std::string_view key;
  std::string_view type;
  Schema schema;
};
template <class Verb>
constexpr VerbForm verb_form(std::string_view key) {
  return {key, schema_name(std::type_identity<Verb>{}), &described::schema<Verb>};
}
constexpr std::array kVerbForms = {
    VerbForm{"step", "integer", &described::schema<std::int64_t>},
    verb_form<scene::ZoomVerb>("zoom"),
    verb_form<scene::PanVerb>("pan"),
    verb_form<scene::OrbitVerb>("orbit"),
    VerbForm{"reset", "any", &described::schema<Json>},
    verb_form<scene::SetPoseVerb>("set"),
};

void add_verbs(std::vector<KeyForm>& forms, std::string_view scope) {
  for (const scene::VerbSpec& verb : scene::verb_table()) {
    if (verb.scope != scope) continue;
    const auto form = std::ranges::find(kVerbForms, verb.name, &VerbForm::key);
    ND_CHECK(form != kVerbForms.end(), "every verb has a form");
    forms.push_back({.scope = verb.scope,
                     .key = verb.name,
                     .type = std::string(form->type),
                     .schema = form->schema,
                     .min_role = verb.min_role,
                     .doc = verb.doc});
  }
}

/// "0 to 1", "at least 0", the words, or nothing.
std::string values_text(const KeyForm& form) {
  const auto& [minimum, maximum, above_zero] = form.bounds;
  if (!form.words.empty()) return fmt::format("{}", fmt::join(form.words, ", "));
  if (minimum && maximum) return fmt::format("{} to {}", *minimum, *maximum);
  if (minimum) return fmt::format("at least {}", *minimum);
  return "";
}

std::string_view role_text(scene::MinRole role) {
  switch (role) {
    case scene::MinRole::Server:
      return "server";
    case scene::MinRole::Viewer:
      return "viewer";
    case scene::MinRole::Editor:
      return "editor";
    case scene::MinRole::Admin:
      return "admin";
  }
  return "";
}

}  // namespace

std::vector<KeyForm> key_forms() {
  std::vector<KeyForm> forms;
  add_registers(forms, scene::Scope::View);
  add_registers(forms, scene::Scope::Dims);
  add_verbs(forms, "dims");
  add_verbs(forms, "camera");
  add_registers(forms, scene::Scope::Layer);
  for (const scene::KeySpec& spec : scene::key_table()) {
    if (spec.volume_alias) forms.push_back(register_form(scene::kVolumeScope, spec));
  }
  add_registers(forms, scene::Scope::Multiscale);
  add_registers(forms, scene::Scope::Settings);
  return forms;
}

std::string key_table_markdown() {
  std::string out = "| key | value | may be | default | role | |\n|---|---|---|---|---|---|\n";
  for (const KeyForm& form : key_forms()) {
    std::string type = form.type;
    for (std::size_t at = 0; (at = type.find('|', at)) != std::string::npos; at += 2) type.insert(at, 1, '\\');
    out += fmt::format("| {} {} | {} | {} | {} | {} | {} |\n", form.scope, form.key, type, values_text(form),
                       form.default_value ? to_string(to_json(*form.default_value)) : "", role_text(form.min_role),
                       form.doc);
  }
  return out;
}

Json value_schema(ValueType type, described::Definitions& definitions) {
  return kSchemas[static_cast<std::size_t>(type)](definitions);
}

}  // namespace ndcast::protocol
