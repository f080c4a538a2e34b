#pragma once
// JSON as described values: strict, with messages that name the member, what was expected and what was found. See
// described.h.

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <expected>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/result.h"
#include "protocol/described_core.h"
#include "protocol/found.h"

namespace ndcast::protocol::described {

/// What is wrong and where, the path growing outwards as calls return.
struct Trouble {
  std::string path;
  std::string text;
};
template <class T>
using Parsed = std::expected<T, Trouble>;

inline std::unexpected<Trouble> trouble(std::string text) { return std::unexpected(Trouble{"", std::move(text)}); }
inline std::unexpected<Trouble> expected(std::string_view what, const Json& found) {
  return trouble(fmt::format("expected {}, found {}", what, describe_found(found)));
}
inline std::unexpected<Trouble> inside(std::string_view member, Trouble inner) {
  const bool is_index = inner.path.starts_with('[');
  inner.path =
      inner.path.empty() ? std::string(member) : fmt::format("{}{}{}", member, is_index ? "" : ".", inner.path);
  return std::unexpected(std::move(inner));
}

template <class T>
Parsed<T> parse_any(const Json& json);

template <Integer T>
Parsed<T> parse_integer(const Json& json) {
  const std::optional<std::int64_t> number = json.as_int64();
  if (!number) return expected("an integer", json);
  // JSON numbers are exact up to 2^53 in every client.
  constexpr auto kMost = static_cast<std::int64_t>(limits::kMaxServerSeq);
  constexpr auto kLow = std::is_signed_v<T> ? std::max<std::int64_t>(-kMost, std::numeric_limits<T>::min()) : 0;
  constexpr auto kHigh = static_cast<std::int64_t>(
      std::min<std::uint64_t>(static_cast<std::uint64_t>(kMost), std::numeric_limits<T>::max()));
  if (*number < kLow || *number > kHigh) return expected(fmt::format("an integer from {} to {}", kLow, kHigh), json);
  return static_cast<T>(*number);
}

inline Parsed<double> parse_number(const Json& json) {
  const std::optional<double> number = json.as_double();
  if (!number || !std::isfinite(*number)) return expected("a finite number", json);
  return *number;
}

template <class E>
Parsed<E> parse_word(const Json& json) {
  const auto words = words_of(std::type_identity<E>{});
  if (const auto word = json.as_string()) {
    const auto it = std::ranges::find(words, *word);
    if (it != words.end()) return static_cast<E>(it - words.begin());
  }
  return expected(fmt::format("one of {}", fmt::join(words, ", ")), json);
}

template <class T>
Parsed<T> parse_list(const Json& json) {
  if (!json.is_array()) return expected("an array", json);
  T out{};
  if constexpr (kIsArray<T>) {
    if (json.size() != out.size()) {
      return trouble(fmt::format("expected an array of {}, found one of {}", out.size(), json.size()));
    }
  } else {
    out.resize(json.size());
  }
  for (std::size_t i = 0; i < json.size(); ++i) {
    auto element = parse_any<typename T::value_type>(json.array()[i]);
    if (!element) return inside(fmt::format("[{}]", i), std::move(element).error());
    out[i] = std::move(*element);
  }
  return out;
}

template <class T>
Parsed<T> parse_map(const Json& json) {
  if (!json.is_object()) return expected("an object", json);
  T out;
  for (const auto& [key, value] : json.object()) {
    auto element = parse_any<typename T::mapped_type>(value);
    if (!element) return inside(excerpt(key), std::move(element).error());
    out.emplace(key, std::move(*element));
  }
  return out;
}

/// Names every member of T, for messages.
template <Struct T>
std::vector<std::string_view> member_names() {
  std::vector<std::string_view> names;
  for_each_member<T>([&](std::string_view name, auto) { names.push_back(name); });
  return names;
}

template <Struct T>
Parsed<T> parse_struct(const Json& json) {
  if (!json.is_object()) return expected("an object", json);
  if (!is_open(std::type_identity<T>{})) {
    const auto names = member_names<T>();
    for (const auto& [key, value] : json.object()) {
      if (std::ranges::find(names, key) == names.end()) {
        return trouble(fmt::format("unknown member \"{}\", expected {}", excerpt(key), fmt::join(names, ", ")));
      }
    }
  }
  T out{};
  std::optional<Trouble> problem;
  for_each_member<T>([&](std::string_view name, auto member) {
    if (problem) return;
    using Member = std::remove_cvref_t<decltype(out.*member)>;
    const Json* found = json.find(name);
    if (!found) {
      if (kIsOptional<Member> && !null_when_absent(std::type_identity<T>{})) return;
      problem = Trouble{"", fmt::format("member \"{}\" is missing", name)};
      return;
    }
    auto parsed = parse_any<Member>(*found);
    if (parsed) {
      out.*member = std::move(*parsed);
    } else {
      problem = inside(name, std::move(parsed).error()).error();
    }
  });
  if (problem) return std::unexpected(std::move(*problem));
  return out;
}

template <class T>
Parsed<T> parse_any(const Json& json) {
  if constexpr (Struct<T>) {
    return parse_struct<T>(json);
  } else if constexpr (std::is_enum_v<T>) {
    return parse_word<T>(json);
  } else if constexpr (kIsOptional<T>) {
    if (json.is_null()) return T{};
    auto inner = parse_any<typename T::value_type>(json);
    if (!inner) return std::unexpected(std::move(inner).error());
    return T(std::move(*inner));
  } else if constexpr (kIsVector<T> || kIsArray<T>) {
    return parse_list<T>(json);
  } else if constexpr (kIsMap<T>) {
    return parse_map<T>(json);
  } else if constexpr (std::same_as<T, bool>) {
    if (!json.is_bool()) return expected("true or false", json);
    return json.boolean();
  } else if constexpr (Integer<T>) {
    return parse_integer<T>(json);
  } else if constexpr (std::same_as<T, double>) {
    return parse_number(json);
  } else if constexpr (std::same_as<T, std::string>) {
    if (!json.is_string()) return expected("a string", json);
    return json.string();
  } else {
    static_assert(std::same_as<T, Json>, "no JSON form for this type");
    return json;
  }
}

/// Errors: Invalid, `WHERE.member[2]: expected …, found …`. An empty `where` names the member alone.
template <class T>
Result<T> parse(const Json& json, std::string_view where) {
  auto parsed = parse_any<T>(json);
  if (parsed) return std::move(*parsed);
  Trouble found = std::move(parsed).error();
  if (!where.empty()) found = inside(where, std::move(found)).error();
  if (found.path.empty()) return fail(ErrorCode::Invalid, "{}", found.text);
  return fail(ErrorCode::Invalid, "{}: {}", found.path, found.text);
}

}  // namespace ndcast::protocol::described
