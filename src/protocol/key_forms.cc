#include "protocol/key_forms.h"

#include <array>
#include <utility>
#include <variant>

#include "protocol/describe_scene.h"
#include "protocol/supported.h"

namespace ndcast::protocol {
namespace {

using scene::Value;
using scene::ValueType;
using Schema = Json (*)(described::Definitions&);

constexpr std::size_t kTypes = std::variant_size_v<Value> - 1;
constexpr auto kSchemas = []<std::size_t... I>(std::index_sequence<I...>) {
  return std::array<Schema, kTypes>{&described::schema<std::variant_alternative_t<I + 1, Value>>...};
}(std::make_index_sequence<kTypes>());

template <class Words>
std::vector<std::string_view> to_words(const Words& enumerators) {
  std::vector<std::string_view> out;
  for (const auto word : enumerators) out.push_back(scene::to_string(word));
  return out;
}

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
    default:
      return "string";  // the enumerations; other types are never sent by clients
  }
}

std::vector<std::string_view> words_of_type(ValueType type) {
  if (type == ValueType::Blending) return to_words(kSupportedBlending);
  if (type == ValueType::Interpolation) return to_words(kSupportedInterpolation);
  if (type == ValueType::Rendering) return to_words(kSupportedRendering);
  return {};
}

KeyForm register_form(std::string_view scope, const scene::KeySpec& spec) {
  return {.scope = scope,
          .key = spec.name,
          .type = type_name(spec.type),
          .words = words_of_type(spec.type),
          .schema = kSchemas[static_cast<std::size_t>(spec.type)]};
}

template <class Verb>
KeyForm verb_form(std::string_view key) {
  return {.scope = "camera",
          .key = key,
          .type = std::string(schema_name(std::type_identity<Verb>{})),
          .words = {},
          .schema = &described::schema<Verb>};
}

void add_scope(std::vector<KeyForm>& forms, scene::Scope scope) {
  for (const scene::KeySpec& spec : scene::key_table()) {
    if (spec.scope == scope && spec.editable) forms.push_back(register_form(to_string(scope), spec));
  }
}

}  // namespace

std::vector<KeyForm> key_forms() {
  std::vector<KeyForm> forms;
  add_scope(forms, scene::Scope::View);
  add_scope(forms, scene::Scope::Dims);
  forms.push_back({"dims", "step", "integer", {}, &described::schema<std::int64_t>});
  forms.push_back(verb_form<scene::ZoomVerb>("zoom"));
  forms.push_back(verb_form<scene::PanVerb>("pan"));
  forms.push_back(verb_form<scene::OrbitVerb>("orbit"));
  forms.push_back({"camera", "reset", "any", {}, &described::schema<Json>});
  forms.push_back(verb_form<scene::SetPoseVerb>("set"));
  add_scope(forms, scene::Scope::Layer);
  for (const std::string_view key : {"rendering", "contrast_limits", "colormap", "opacity"}) {
    forms.push_back(register_form("volume", *scene::find_key(scene::Scope::Layer, key)));
  }
  add_scope(forms, scene::Scope::Multiscale);
  return forms;
}

Json value_schema(ValueType type, described::Definitions& definitions) {
  return kSchemas[static_cast<std::size_t>(type)](definitions);
}

}  // namespace ndcast::protocol
