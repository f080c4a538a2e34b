#pragma once
// A checker of the part of JSON Schema that schema_json() uses, for tests: type, const, enum, properties, required,
// additionalProperties, items, minItems, maxItems, minimum, anyOf, $ref. Any other word in a schema is a failure, so
// that nothing is left unchecked in silence.

#include <algorithm>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "base/json.h"

namespace ndcast::protocol::testing {

class SchemaChecker {
 public:
  explicit SchemaChecker(Json root) : root_(std::move(root)) {}

  /// Why `value` does not fit the named definition, or nothing.
  std::optional<std::string> problem(const Json& value, std::string_view definition) const {
    const Json* schema = root_.find("$defs")->find(definition);
    if (!schema) return fmt::format("no definition {}", definition);
    return check(value, *schema, "$");
  }

  const Json& root() const { return root_; }

 private:
  using Problem = std::optional<std::string>;

  Problem check(const Json& value, const Json& schema, const std::string& path) const {
    for (const auto& [word, rule] : schema.object()) {
      if (Problem found = check_word(value, schema, word, rule, path)) return found;
    }
    return std::nullopt;
  }

  Problem check_word(const Json& value, const Json& schema, const std::string& word, const Json& rule,
                     const std::string& path) const {
    const auto wrong = [&] {
      return fmt::format("{}: {} {} against {}", path, word, to_string(rule), to_string(value));
    };
    const auto when = [&](bool fits) { return fits ? Problem() : Problem(wrong()); };
    if (word == "title" || word == "description" || word == "properties") {
      return word == "properties" && value.is_object() ? check_members(value, schema, path) : Problem();
    }
    if (word == "$ref") return problem_at(value, rule.string(), path);
    if (word == "type") return when(has_type(value, rule.string()));
    if (word == "const") return when(value == rule);
    if (word == "enum") return when(std::ranges::find(rule.array(), value) != rule.array().end());
    if (word == "minimum") return when(!value.is_number() || *value.as_double() >= *rule.as_double());
    if (word == "minItems") return when(value.size() >= *rule.as_uint64());
    if (word == "maxItems") return when(value.size() <= *rule.as_uint64());
    if (word == "required") {
      return when(std::ranges::all_of(rule.array(), [&](const Json& name) { return value.find(name.string()); }));
    }
    if (word == "additionalProperties") return check_additional(value, schema, rule, path);
    if (word == "items") return check_items(value, rule, path);
    if (word == "anyOf") {
      return when(std::ranges::any_of(rule.array(), [&](const Json& one) { return !check(value, one, path); }));
    }
    return fmt::format("{}: the checker does not know {}", path, word);
  }

  Problem problem_at(const Json& value, std::string_view reference, const std::string& path) const {
    constexpr std::string_view kPrefix = "#/$defs/";
    const Json* target =
        reference.starts_with(kPrefix) ? root_.find("$defs")->find(reference.substr(kPrefix.size())) : nullptr;
    if (!target || !target->is_object()) return fmt::format("{}: {} leads nowhere", path, reference);
    return check(value, *target, path);
  }

  static bool has_type(const Json& value, std::string_view type) {
    if (type == "integer") return value.as_int64().has_value();
    return value.kind_name() == type;
  }

  Problem check_members(const Json& value, const Json& schema, const std::string& path) const {
    for (const auto& [name, rule] : schema.find("properties")->object()) {
      const Json* member = value.find(name);
      if (!member) continue;
      if (Problem found = check(*member, rule, fmt::format("{}.{}", path, name))) return found;
    }
    return std::nullopt;
  }

  Problem check_additional(const Json& value, const Json& schema, const Json& rule, const std::string& path) const {
    if (!value.is_object()) return std::nullopt;
    const Json* properties = schema.find("properties");
    for (const auto& [name, member] : value.object()) {
      if (properties && properties->find(name)) continue;
      if (rule.is_bool() && !rule.boolean()) return fmt::format("{}: additional member {}", path, name);
      if (!rule.is_bool()) {
        if (Problem found = check(member, rule, fmt::format("{}.{}", path, name))) return found;
      }
    }
    return std::nullopt;
  }

  Problem check_items(const Json& value, const Json& rule, const std::string& path) const {
    if (!value.is_array()) return std::nullopt;
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (Problem found = check(value.array()[i], rule, fmt::format("{}[{}]", path, i))) return found;
    }
    return std::nullopt;
  }

  Json root_;
};

}  // namespace ndcast::protocol::testing
