#pragma once
// Described values as JSON. See described.h.

#include <string>
#include <type_traits>
#include <utility>

#include "base/json.h"
#include "protocol/described_core.h"

namespace ndcast::protocol::described {

template <class T>
Json print(const T& value);

template <Struct T>
Json print_struct(const T& value) {
  Json::Object out;
  for_each_member<T>([&](std::string_view name, auto member) {
    using Member = std::remove_cvref_t<decltype(value.*member)>;
    if constexpr (kIsOptional<Member>) {
      if (!(value.*member) && !null_when_absent(std::type_identity<T>{})) return;
    }
    out.emplace_back(std::string(name), print(value.*member));
  });
  return Json(std::move(out));
}

template <class T>
Json print(const T& value) {
  if constexpr (Struct<T>) {
    return print_struct(value);
  } else if constexpr (std::is_enum_v<T>) {
    return Json(words_of(std::type_identity<T>{})[static_cast<std::size_t>(value)]);
  } else if constexpr (kIsOptional<T>) {
    return value ? print(*value) : Json(nullptr);
  } else if constexpr (kIsVector<T> || kIsArray<T>) {
    Json::Array out;
    out.reserve(value.size());
    for (const auto& element : value) out.push_back(print(element));
    return Json(std::move(out));
  } else if constexpr (kIsMap<T>) {
    Json::Object out;
    for (const auto& [key, element] : value) out.emplace_back(key, print(element));
    return Json(std::move(out));
  } else {
    return Json(value);
  }
}

}  // namespace ndcast::protocol::described
