#pragma once
// JSON values. Read by simdjson (which rounds doubles correctly), printed by a writer over std::to_chars (which prints
// the shortest text that reads back the same). Used where JSON is an edge: protocol, image metadata, configuration.
//
//   Result<Json> value = parse_json(text);
//   if (const Json* key = value->find("key"); key && key->is_string()) use(key->string());
//   std::string out = to_string(Json::make_object({{"type", "ack.state"}, {"version", 2}}));

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace ndcast {

/// One JSON value; objects keep the order of their members. Numbers keep their kind: an integer literal is int64, or
/// uint64 above 2^63-1; anything with a fraction or an exponent is a double. Value semantics; not thread-safe to
/// mutate.
class Json {
 public:
  using Array = std::vector<Json>;
  using Member = std::pair<std::string, Json>;
  using Object = std::vector<Member>;

  Json() = default;
  Json(std::nullptr_t) {}
  Json(bool value) : value_(value) {}
  Json(double value) : value_(value) {}
  Json(float value) : value_(static_cast<double>(value)) {}
  template <class Int>
    requires(std::is_integral_v<Int> && !std::is_same_v<Int, bool>)
  Json(Int value) {
    if constexpr (std::is_signed_v<Int>) {
      value_ = static_cast<std::int64_t>(value);
    } else if (static_cast<std::uint64_t>(value) <= static_cast<std::uint64_t>(INT64_MAX)) {
      value_ = static_cast<std::int64_t>(value);
    } else {
      value_ = static_cast<std::uint64_t>(value);
    }
  }
  Json(std::string value) : value_(std::move(value)) {}
  Json(std::string_view value) : value_(std::string(value)) {}
  Json(const char* value) : value_(std::string(value)) {}
  Json(Array value) : value_(std::move(value)) {}
  Json(Object value) : value_(std::move(value)) {}

  static Json make_array(Array elements = {}) { return Json(std::move(elements)); }
  static Json make_object(Object members = {}) { return Json(std::move(members)); }
  /// Array of anything a Json can be made of.
  template <class Range>
  static Json list(const Range& range) {
    Array out;
    for (const auto& element : range) out.emplace_back(element);
    return Json(std::move(out));
  }

  bool is_null() const { return std::holds_alternative<std::nullptr_t>(value_); }
  bool is_bool() const { return std::holds_alternative<bool>(value_); }
  bool is_integer() const {
    return std::holds_alternative<std::int64_t>(value_) || std::holds_alternative<std::uint64_t>(value_);
  }
  bool is_number() const { return is_integer() || std::holds_alternative<double>(value_); }
  bool is_string() const { return std::holds_alternative<std::string>(value_); }
  bool is_array() const { return std::holds_alternative<Array>(value_); }
  bool is_object() const { return std::holds_alternative<Object>(value_); }

  // Checked access: each aborts on another kind, so ask is_…() first (or use the optional forms below).
  bool boolean() const { return std::get<bool>(value_); }
  const std::string& string() const { return std::get<std::string>(value_); }
  const Array& array() const { return std::get<Array>(value_); }
  Array& array() { return std::get<Array>(value_); }
  const Object& object() const { return std::get<Object>(value_); }
  Object& object() { return std::get<Object>(value_); }

  /// Any number, as a double; nothing for other kinds.
  std::optional<double> as_double() const;
  /// An integer literal that fits, or a double without a fraction that fits; nothing otherwise. Booleans are not
  /// integers.
  std::optional<std::int64_t> as_int64() const;
  std::optional<std::uint64_t> as_uint64() const;
  /// True only for an integer literal (2, not 2.0).
  std::optional<std::int64_t> as_integer_literal() const;
  std::optional<std::string_view> as_string() const;

  /// Member of an object, or null when absent or when this is not an object.
  const Json* find(std::string_view key) const;
  Json* find(std::string_view key);
  /// Appends or replaces a member; this must be an object.
  void set(std::string_view key, Json value);
  void push_back(Json value) { array().push_back(std::move(value)); }

  std::size_t size() const { return is_array() ? array().size() : is_object() ? object().size() : 0; }

  /// Name of the kind, for messages: "null", "boolean", "number", "string", "array", "object".
  std::string_view kind_name() const;

  /// Deep equality; 1 and 1.0 are equal numbers; member order does not matter.
  friend bool operator==(const Json& a, const Json& b);

 private:
  friend void append_json(std::string& out, const Json& value);
  std::variant<std::nullptr_t, bool, std::int64_t, std::uint64_t, double, std::string, Array, Object> value_ = nullptr;
};

struct JsonLimits {
  std::size_t max_bytes = std::size_t{64} << 20;
  std::size_t max_depth = 64;
  std::size_t max_elements = 4'000'000;  ///< members and array elements together
};

/// Parses one document. Errors: Invalid (syntax, duplicate member, trailing text, bad UTF-8; with the position where
/// known), Limit (bytes, depth, elements).
Result<Json> parse_json(std::string_view text, const JsonLimits& limits = {});

/// Compact text. A double that is not finite is a broken invariant: JSON cannot say it, so callers decide beforehand.
void append_json(std::string& out, const Json& value);
std::string to_string(const Json& value);
/// Indented by two spaces, for people.
std::string to_pretty_string(const Json& value);
void append_json_string(std::string& out, std::string_view text);

}  // namespace ndcast
