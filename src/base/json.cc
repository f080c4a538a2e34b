#include "base/json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <unordered_set>

#include <simdjson.h>

#include "base/check.h"

namespace ndcast {
namespace {

constexpr std::size_t kShortObject = 16;

class Builder {
 public:
  explicit Builder(const JsonLimits& limits) : limits_(limits) {}

  Result<Json> build(const simdjson::dom::element& element, std::size_t depth) {
    if (depth > limits_.max_depth) return fail(ErrorCode::Limit, "JSON is nested deeper than {}", limits_.max_depth);
    if (++elements_ > limits_.max_elements) {
      return fail(ErrorCode::Limit, "JSON has more than {} values", limits_.max_elements);
    }
    using simdjson::dom::element_type;
    switch (element.type()) {
      case element_type::NULL_VALUE:
        return Json(nullptr);
      case element_type::BOOL:
        return Json(bool(element));
      case element_type::INT64:
        return Json(std::int64_t(element));
      case element_type::UINT64:
        return Json(std::uint64_t(element));
      case element_type::DOUBLE:
        return Json(double(element));
      case element_type::STRING:
        return Json(std::string_view(element));
      case element_type::ARRAY:
        return build_array(simdjson::dom::array(element), depth);
      case element_type::OBJECT:
        return build_object(simdjson::dom::object(element), depth);
    }
    return fail(ErrorCode::Invalid, "JSON value of an unknown kind");
  }

 private:
  Result<Json> build_array(const simdjson::dom::array& array, std::size_t depth) {
    Json::Array out;
    out.reserve(array.size());
    for (const auto& element : array) {
      ND_ASSIGN(Json value, build(element, depth + 1));
      out.push_back(std::move(value));
    }
    return Json(std::move(out));
  }

  Result<Json> build_object(const simdjson::dom::object& object, std::size_t depth) {
    Json::Object out;
    out.reserve(object.size());
    // Frames' objects have few members, for which looking at each costs less than a table; a long one gets the table.
    const bool is_short = object.size() <= kShortObject;
    std::unordered_set<std::string_view> seen;
    for (const auto& field : object) {
      const bool is_twice = is_short ? std::ranges::find(out, field.key, &Json::Member::first) != out.end()
                                     : !seen.insert(field.key).second;
      if (is_twice) return fail(ErrorCode::Invalid, "JSON object has the member \"{}\" twice", field.key);
      ND_ASSIGN(Json value, build(field.value, depth + 1));
      out.emplace_back(std::string(field.key), std::move(value));
    }
    return Json(std::move(out));
  }

  const JsonLimits& limits_;
  std::size_t elements_ = 0;
};

void append_double(std::string& out, double value) {
  ND_CHECK(std::isfinite(value), "JSON cannot carry a number that is not finite");
  char buffer[32];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
  ND_CHECK(error == std::errc());
  out.append(buffer, end);
  // Keep the kind: 2.0 prints as "2.0" so that it reads back as a double.
  if (std::string_view(buffer, static_cast<std::size_t>(end - buffer)).find_first_of(".e") == std::string_view::npos) {
    out += ".0";
  }
}

void append_pretty(std::string& out, const Json& value, int indent) {
  const auto newline = [&out](int level) {
    out += '\n';
    out.append(static_cast<std::size_t>(level) * 2, ' ');
  };
  const bool flat = value.is_array() && std::ranges::none_of(value.array(), [](const Json& element) {
                      return element.is_array() || element.is_object();
                    });
  if (value.size() == 0 || flat || (!value.is_array() && !value.is_object())) {
    append_json(out, value);
    return;
  }
  const bool is_array = value.is_array();
  out += is_array ? '[' : '{';
  bool first = true;
  const auto separate = [&] {
    if (!first) out += ',';
    first = false;
    newline(indent + 1);
  };
  if (is_array) {
    for (const Json& element : value.array()) {
      separate();
      append_pretty(out, element, indent + 1);
    }
  } else {
    for (const auto& [key, member] : value.object()) {
      separate();
      append_json_string(out, key);
      out += ": ";
      append_pretty(out, member, indent + 1);
    }
  }
  newline(indent);
  out += is_array ? ']' : '}';
}

}  // namespace

std::optional<double> Json::as_double() const {
  if (const auto* value = std::get_if<double>(&value_)) return *value;
  if (const auto* value = std::get_if<std::int64_t>(&value_)) return static_cast<double>(*value);
  if (const auto* value = std::get_if<std::uint64_t>(&value_)) return static_cast<double>(*value);
  return std::nullopt;
}

std::optional<std::int64_t> Json::as_integer_literal() const {
  if (const auto* value = std::get_if<std::int64_t>(&value_)) return *value;
  return std::nullopt;
}

std::optional<std::int64_t> Json::as_int64() const {
  if (const auto* value = std::get_if<std::int64_t>(&value_)) return *value;
  if (const auto* value = std::get_if<double>(&value_);
      value && *value >= -0x1p63 && *value < 0x1p63 && *value == std::floor(*value)) {
    return static_cast<std::int64_t>(*value);
  }
  return std::nullopt;
}

std::optional<std::uint64_t> Json::as_uint64() const {
  if (const auto* value = std::get_if<std::uint64_t>(&value_)) return *value;
  if (const auto* value = std::get_if<std::int64_t>(&value_); value && *value >= 0)
    return static_cast<std::uint64_t>(*value);
  if (const auto* value = std::get_if<double>(&value_);
      value && *value >= 0 && *value < 0x1p64 && *value == std::floor(*value)) {
    return static_cast<std::uint64_t>(*value);
  }
  return std::nullopt;
}

std::optional<std::string_view> Json::as_string() const {
  if (const auto* value = std::get_if<std::string>(&value_)) return *value;
  return std::nullopt;
}

const Json* Json::find(std::string_view key) const {
  const auto* object = std::get_if<Object>(&value_);
  if (!object) return nullptr;
  const auto it = std::ranges::find(*object, key, &Member::first);
  return it == object->end() ? nullptr : &it->second;
}

Json* Json::find(std::string_view key) { return const_cast<Json*>(std::as_const(*this).find(key)); }

void Json::set(std::string_view key, Json value) {
  if (Json* existing = find(key)) {
    *existing = std::move(value);
  } else {
    object().emplace_back(std::string(key), std::move(value));
  }
}

std::string_view Json::kind_name() const {
  if (is_null()) return "null";
  if (is_bool()) return "boolean";
  if (is_number()) return "number";
  if (is_string()) return "string";
  return is_array() ? "array" : "object";
}

bool operator==(const Json& a, const Json& b) {
  if (a.is_number() && b.is_number()) {
    if (a.is_integer() && b.is_integer()) return a.as_int64() == b.as_int64() && a.as_uint64() == b.as_uint64();
    return a.as_double() == b.as_double();
  }
  if (a.is_object() && b.is_object()) {
    return a.size() == b.size() && std::ranges::all_of(a.object(), [&b](const Json::Member& member) {
             const Json* other = b.find(member.first);
             return other && *other == member.second;
           });
  }
  return a.value_ == b.value_;
}

Result<Json> parse_json(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.max_bytes) {
    return fail(ErrorCode::Limit, "JSON of {} bytes is over the limit of {}", text.size(), limits.max_bytes);
  }
  thread_local simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (const auto error = parser.parse(text.data(), text.size(), true).get(root)) {
    if (error == simdjson::DEPTH_ERROR)
      return fail(ErrorCode::Limit, "JSON is nested deeper than {}", limits.max_depth);
    return fail(ErrorCode::Invalid, "not JSON: {}", simdjson::error_message(error));
  }
  return Builder(limits).build(root, 0);
}

void append_json_string(std::string& out, std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  const auto is_plain = [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\'; };
  out += '"';
  while (true) {
    const auto special = std::ranges::find_if_not(text, is_plain);
    out.append(text.begin(), special);
    if (special == text.end()) break;
    const auto byte = static_cast<unsigned char>(*special);
    switch (*special) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        out += "\\u00";
        out += kHex[byte >> 4];
        out += kHex[byte & 15];
    }
    text = {special + 1, text.end()};
  }
  out += '"';
}

void append_json(std::string& out, const Json& value) {
  if (value.is_null()) {
    out += "null";
  } else if (value.is_bool()) {
    out += value.boolean() ? "true" : "false";
  } else if (const auto* integer = std::get_if<std::int64_t>(&value.value_)) {
    fmt::format_to(std::back_inserter(out), "{}", *integer);
  } else if (const auto* natural = std::get_if<std::uint64_t>(&value.value_)) {
    fmt::format_to(std::back_inserter(out), "{}", *natural);
  } else if (const auto* number = std::get_if<double>(&value.value_)) {
    append_double(out, *number);
  } else if (value.is_string()) {
    append_json_string(out, value.string());
  } else if (value.is_array()) {
    out += '[';
    bool first = true;
    for (const Json& element : value.array()) {
      if (!first) out += ',';
      first = false;
      append_json(out, element);
    }
    out += ']';
  } else {
    out += '{';
    bool first = true;
    for (const auto& [key, member] : value.object()) {
      if (!first) out += ',';
      first = false;
      append_json_string(out, key);
      out += ':';
      append_json(out, member);
    }
    out += '}';
  }
}

std::string to_string(const Json& value) {
  std::string out;
  append_json(out, value);
  return out;
}

std::string to_pretty_string(const Json& value) {
  std::string out;
  append_pretty(out, value, 0);
  return out;
}

}  // namespace ndcast
