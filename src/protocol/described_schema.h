#pragma once
// JSON Schema (2020-12) of described types. See described.h.

#include <concepts>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include <fmt/format.h>

#include "base/json.h"
#include "protocol/described_core.h"

namespace ndcast::protocol::described {

/// The schema's $defs, in order of first use.
class Definitions {
 public:
  bool has(std::string_view name) const { return defs_.find(name) != nullptr; }
  void add(std::string_view name, Json schema) { defs_.set(name, std::move(schema)); }
  static Json reference(std::string_view name) {
    return Json::make_object({{"$ref", fmt::format("#/$defs/{}", name)}});
  }
  const Json& json() const { return defs_; }

 private:
  Json defs_ = Json::make_object();
};

inline Json typed(std::string_view type) { return Json::make_object({{"type", type}}); }
inline Json or_null(Json schema) {
  return Json::make_object({{"anyOf", Json::make_array({std::move(schema), typed("null")})}});
}

template <class T>
Json schema(Definitions& definitions);

template <Struct T>
Json struct_schema(Definitions& definitions) {
  Json properties = Json::make_object();
  Json required = Json::make_array();
  const bool null_is_printed = null_when_absent(std::type_identity<T>{});
  for_each_member<T>([&](std::string_view name, auto member) {
    using Member = std::remove_cvref_t<decltype(std::declval<T&>().*member)>;
    if constexpr (kIsOptional<Member>) {
      Json inner = schema<typename Member::value_type>(definitions);
      properties.set(name, null_is_printed ? or_null(std::move(inner)) : std::move(inner));
      if (null_is_printed) required.push_back(name);
    } else {
      properties.set(name, schema<Member>(definitions));
      required.push_back(name);
    }
  });
  Json out = Json::make_object({{"title", schema_name(std::type_identity<T>{})}, {"type", "object"}});
  out.set("properties", std::move(properties));
  if (required.size() > 0) out.set("required", std::move(required));
  out.set("additionalProperties", Json(is_open(std::type_identity<T>{})));
  return out;
}

template <class T>
Json list_schema(Definitions& definitions) {
  Json out = typed("array");
  out.set("items", schema<typename T::value_type>(definitions));
  if constexpr (kIsArray<T>) {
    out.set("minItems", std::tuple_size_v<T>);
    out.set("maxItems", std::tuple_size_v<T>);
  }
  return out;
}

/// A schema of T: a reference for structs and enumerations, which land in `definitions` under their names.
template <class T>
Json schema(Definitions& definitions) {
  if constexpr (Struct<T> || std::is_enum_v<T>) {
    const std::string_view name = schema_name(std::type_identity<T>{});
    if (!definitions.has(name)) {
      definitions.add(name, Json());  // its place in the order
      if constexpr (Struct<T>) {
        definitions.add(name, struct_schema<T>(definitions));
      } else {
        definitions.add(
            name, Json::make_object(
                      {{"title", name}, {"type", "string"}, {"enum", Json::list(words_of(std::type_identity<T>{}))}}));
      }
    }
    return Definitions::reference(name);
  } else if constexpr (kIsOptional<T>) {
    return or_null(schema<typename T::value_type>(definitions));
  } else if constexpr (kIsVector<T> || kIsArray<T>) {
    return list_schema<T>(definitions);
  } else if constexpr (kIsMap<T>) {
    Json out = typed("object");
    out.set("additionalProperties", schema<typename T::mapped_type>(definitions));
    return out;
  } else if constexpr (std::same_as<T, bool>) {
    return typed("boolean");
  } else if constexpr (Integer<T>) {
    Json out = typed("integer");
    if constexpr (std::is_unsigned_v<T>) out.set("minimum", 0);
    return out;
  } else if constexpr (std::same_as<T, double>) {
    return typed("number");
  } else if constexpr (std::same_as<T, std::string>) {
    return typed("string");
  } else {
    static_assert(std::same_as<T, Json>, "no schema for this type");
    return Json::make_object();
  }
}

}  // namespace ndcast::protocol::described
