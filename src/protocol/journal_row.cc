#include "protocol/journal_row.h"

#include <array>
#include <memory>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "base/limits.h"
#include "protocol/found.h"
#include "protocol/values.h"

namespace ndcast::protocol {
namespace {

using scene::Gone;
using scene::RegisterId;
using scene::Value;

// Rows are printed on the control thread for every commit, so they are written straight into one string; only values
// that are structs go through Json.

void append_value(std::string& out, const Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    fmt::format_to(std::back_inserter(out), "{}", *integer);
  } else if (const auto* truth = std::get_if<bool>(&value)) {
    out += *truth ? "true" : "false";
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    append_json_string(out, *text);
  } else {
    append_json(out, to_json(value));
  }
}

void append_id(std::string& out, const RegisterId& id) {
  out += R"({"scope":")";
  out += to_string(id.scope);
  out += R"(","target":)";
  append_json_string(out, id.target);
  if (!id.view.empty()) {
    out += R"(,"view":)";
    append_json_string(out, id.view);
  }
  out += R"(,"key":")";
  out += scene::spec_of(id.scope, id.key).name;
  out += '"';
}

void append_member(std::string& out, std::string_view name, const Value& value) {
  if (std::holds_alternative<Gone>(value)) return;
  out += ",\"";
  out += name;
  out += "\":";
  append_value(out, value);
}

Result<Json::Array> list_from_text(std::string_view text) {
  const JsonLimits limits{.max_bytes = limits::kJournalRowBytes, .max_depth = limits::kJsonDepth};
  ND_ASSIGN(Json json, parse_json(text, limits));
  if (!json.is_array()) return fail(ErrorCode::Invalid, "expected a list, found {}", describe_found(json));
  return std::move(json.array());
}

Result<std::string> text_member(const Json& json, std::string_view name, bool may_lack) {
  const Json* found = json.find(name);
  if (!found && may_lack) return "";
  if (!found || !found->is_string() || found->string().size() > limits::kNameBytes ||
      (!may_lack && found->string().empty())) {
    return fail(ErrorCode::Invalid, "{}: expected a string of 1 to {} bytes, found {}", name, limits::kNameBytes,
                found ? describe_found(*found) : "nothing");
  }
  return found->string();
}

struct Named {
  RegisterId id;
  scene::ValueType type{};
};

Result<Named> id_from_json(const Json& json) {
  if (!json.is_object()) return fail(ErrorCode::Invalid, "expected an object, found {}", describe_found(json));
  ND_ASSIGN(const std::string scope_name, text_member(json, "scope", false));
  ND_ASSIGN(std::string target, text_member(json, "target", false));
  ND_ASSIGN(std::string view, text_member(json, "view", true));
  ND_ASSIGN(const std::string key, text_member(json, "key", false));
  const auto scope = scene::scope_from_string(scope_name);
  const scene::KeySpec* spec = scope ? scene::find_key(*scope, key) : nullptr;
  if (!spec) return fail(ErrorCode::Invalid, "there is no register {}/{}", excerpt(scope_name), excerpt(key));
  if ((*scope == scene::Scope::Dims) == view.empty()) {
    return fail(ErrorCode::Invalid, "{}/{}/{}: a view is named exactly by dims registers", scope_name, excerpt(target),
                key);
  }
  return Named{{*scope, std::move(target), spec->key, std::move(view)}, spec->type};
}

/// Gone when the member is absent.
Result<Value> value_member(const Json& json, std::string_view name, const Named& named) {
  const Json* found = json.find(name);
  if (!found) return Value(Gone{});
  Result<Value> value = value_from_json(named.type, *found);
  if (value) return value;
  return fail(ErrorCode::Invalid, "{}/{} {} {}: {}", to_string(named.id.scope), excerpt(named.id.target),
              scene::spec_of(named.id.scope, named.id.key).name, name, value.error().message);
}

Result<JournalChange> change_from_json(const Json& json) {
  ND_ASSIGN(Named named, id_from_json(json));
  ND_ASSIGN(Value before, value_member(json, "old", named));
  ND_ASSIGN(Value after, value_member(json, "new", named));
  return JournalChange{std::move(named.id), std::move(before), std::move(after)};
}

ledger::Origin origin_from(std::string_view word) {
  using enum ledger::Origin;
  for (const ledger::Origin origin : std::array{Client, Agent, Worker, Policy}) {
    if (to_string(origin) == word) return origin;
  }
  return System;
}

Result<std::pair<RegisterId, ledger::Register>> register_from_json(const Json& json) {
  ND_ASSIGN(Named named, id_from_json(json));
  ledger::Register out;
  ND_ASSIGN(out.value, value_member(json, "value", named));
  if (std::holds_alternative<Gone>(out.value)) return fail(ErrorCode::Invalid, "value is missing");
  const Json* version = json.find("version");
  const auto number = version ? version->as_uint64() : std::nullopt;
  if (!number || *number > limits::kMaxServerSeq) return fail(ErrorCode::Invalid, "version: expected a server_seq");
  out.version = *number;
  const Json* unix_s = json.find("unix_s");
  out.timestamp = unix_s ? unix_s->as_double().value_or(0.0) : 0.0;
  ledger::Author author;
  ND_ASSIGN(author.actor, text_member(json, "actor", true));
  ND_ASSIGN(const std::string origin, text_member(json, "origin", true));
  ND_ASSIGN(author.interaction_id, text_member(json, "interaction_id", true));
  ND_ASSIGN(author.phase, text_member(json, "phase", true));
  author.origin = origin_from(origin);
  out.author = std::make_shared<const ledger::Author>(std::move(author));
  return std::pair(std::move(named.id), std::move(out));
}

}  // namespace

std::string changes_to_text(std::span<const JournalChangeView> changes) {
  std::string out;
  out.reserve(128 * changes.size() + 2);
  out += '[';
  for (const JournalChangeView& change : changes) {
    if (out.size() > 1) out += ',';
    append_id(out, *change.id);
    append_member(out, "old", *change.before);
    append_member(out, "new", *change.after);
    out += '}';
  }
  out += ']';
  return out;
}

Result<std::vector<JournalChange>> changes_from_text(std::string_view text) {
  ND_ASSIGN(const Json::Array list, list_from_text(text));
  std::vector<JournalChange> changes;
  changes.reserve(list.size());
  for (std::size_t i = 0; i < list.size(); ++i) {
    Result<JournalChange> change = change_from_json(list[i]);
    if (!change) return fail(ErrorCode::Invalid, "changes[{}]: {}", i, change.error().message);
    changes.push_back(std::move(*change));
  }
  return changes;
}

std::string registers_to_text(const std::map<RegisterId, ledger::Register>& registers) {
  std::string out = "[";
  for (const auto& [id, held] : registers) {
    if (out.size() > 1) out += ',';
    append_id(out, id);
    append_member(out, "value", held.value);
    fmt::format_to(std::back_inserter(out), R"(,"version":{},"unix_s":)", held.version);
    append_json(out, Json(held.timestamp));
    if (held.author) {
      const auto text = [&](std::string_view name, std::string_view value) {
        if (value.empty()) return;
        fmt::format_to(std::back_inserter(out), ",\"{}\":", name);
        append_json_string(out, value);
      };
      text("actor", held.author->actor);
      text("origin", to_string(held.author->origin));
      text("interaction_id", held.author->interaction_id);
      text("phase", held.author->phase);
    }
    out += '}';
  }
  out += ']';
  return out;
}

Result<std::map<RegisterId, ledger::Register>> registers_from_text(std::string_view text) {
  ND_ASSIGN(const Json::Array list, list_from_text(text));
  std::map<RegisterId, ledger::Register> registers;
  for (std::size_t i = 0; i < list.size(); ++i) {
    auto read = register_from_json(list[i]);
    if (!read) return fail(ErrorCode::Invalid, "registers[{}]: {}", i, read.error().message);
    if (!registers.insert(std::move(*read)).second) {
      return fail(ErrorCode::Invalid, "registers[{}] stands there twice", i);
    }
  }
  return registers;
}

}  // namespace ndcast::protocol
