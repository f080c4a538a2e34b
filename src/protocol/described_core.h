#pragma once
// What a described type is: the macros that describe one and the traits that its printer, parser and schema ask. See
// described.h.

#include <array>
#include <concepts>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/describe.hpp>
#include <boost/mp11/algorithm.hpp>

/// Describes a struct in its own namespace; `Members` is a parenthesised list.
#define NDCAST_DESCRIBE(Type, Members)     \
  BOOST_DESCRIBE_STRUCT(Type, (), Members) \
  NDCAST_SCHEMA_NAME(Type)                 \
  static_assert(std::is_aggregate_v<Type>);
/// Name of a type among the schema's definitions.
#define NDCAST_SCHEMA_NAME(Type) \
  [[maybe_unused]] constexpr std::string_view schema_name(std::type_identity<Type>) { return #Type; }
/// Empty optional members are printed as null and must be present when parsed.
#define NDCAST_NULL_WHEN_ABSENT(Type) \
  [[maybe_unused]] constexpr bool null_when_absent(std::type_identity<Type>) { return true; }
/// Unknown members are ignored.
#define NDCAST_OPEN(Type) \
  [[maybe_unused]] constexpr bool is_open(std::type_identity<Type>) { return true; }
/// `member` is called `name` on the wire.
#define NDCAST_WIRE_NAME_OF(Type, ...)                                                                       \
  [[maybe_unused]] constexpr std::string_view wire_name(std::type_identity<Type>, std::string_view member) { \
    for (const auto& [ours, theirs] :                                                                        \
         std::initializer_list<std::pair<std::string_view, std::string_view>>{__VA_ARGS__}) {                \
      if (member == ours) return theirs;                                                                     \
    }                                                                                                        \
    return member;                                                                                           \
  }
/// Words of an enumeration of this folder, in declaration order, and its to_string().
#define NDCAST_WORDS(Enum, ...) \
  NDCAST_SCHEMA_NAME(Enum)      \
  [[maybe_unused]] inline std::vector<std::string_view> words_of(std::type_identity<Enum>) { return {__VA_ARGS__}; }

namespace ndcast::protocol::described {

// Defaults; a type's own namespace overrides them through the macros above.
template <class T>
constexpr bool null_when_absent(std::type_identity<T>) {
  return false;
}
template <class T>
constexpr bool is_open(std::type_identity<T>) {
  return false;
}
template <class T>
constexpr std::string_view wire_name(std::type_identity<T>, std::string_view member) {
  return member;
}

template <class T>
concept Struct = boost::describe::has_describe_members<T>::value;
template <class T>
concept Integer = std::integral<T> && !std::same_as<T, bool>;

template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;
template <class T>
inline constexpr bool kIsVector = false;
template <class T>
inline constexpr bool kIsVector<std::vector<T>> = true;
template <class T>
inline constexpr bool kIsArray = false;
template <class T, std::size_t N>
inline constexpr bool kIsArray<std::array<T, N>> = true;
template <class T>
inline constexpr bool kIsMap = false;
template <class T>
inline constexpr bool kIsMap<std::map<std::string, T>> = true;

template <Struct T>
using Members = boost::describe::describe_members<T, boost::describe::mod_public>;

/// Calls f(wire name, pointer to member) for each member of T, in order.
template <Struct T, class F>
void for_each_member(F&& f) {
  boost::mp11::mp_for_each<Members<T>>(
      [&](auto descriptor) { f(wire_name(std::type_identity<T>{}, descriptor.name), descriptor.pointer); });
}

}  // namespace ndcast::protocol::described
