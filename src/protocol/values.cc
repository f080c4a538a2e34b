#include "protocol/values.h"

#include <array>
#include <type_traits>
#include <utility>
#include <variant>

#include "protocol/describe_scene.h"

namespace ndcast::protocol {
namespace {

using scene::Value;
using scene::ValueType;

// Value's alternatives are Gone followed by the types in ValueType's order (scene::holds relies on the same).
constexpr std::size_t kTypes = std::variant_size_v<Value> - 1;
static_assert(static_cast<std::size_t>(ValueType::OptionalPlane) == kTypes - 1);

template <std::size_t I>
Result<Value> parse_alternative(const Json& json) {
  using Type = std::variant_alternative_t<I + 1, Value>;
  ND_ASSIGN(auto value, described::parse<Type>(json, "value"));
  return Value(std::in_place_index<I + 1>, std::move(value));
}

}  // namespace

Json to_json(const Value& value) {
  return std::visit(
      [](const auto& held) {
        if constexpr (std::is_same_v<std::remove_cvref_t<decltype(held)>, scene::Gone>) {
          return Json(nullptr);
        } else {
          return described::print(held);
        }
      },
      value);
}

Json to_json(const scene::PlanePose& pose) { return described::print(pose); }
Json to_json(const scene::VolumePose& pose) { return described::print(pose); }

Result<Value> value_from_json(ValueType type, const Json& json) {
  using Parser = Result<Value> (*)(const Json&);
  static constexpr auto kParsers = []<std::size_t... I>(std::index_sequence<I...>) {
    return std::array<Parser, kTypes>{&parse_alternative<I>...};
  }(std::make_index_sequence<kTypes>());
  return kParsers[static_cast<std::size_t>(type)](json);
}

}  // namespace ndcast::protocol
