#include "protocol/state_value.h"

#include <algorithm>
#include <array>
#include <type_traits>
#include <utility>

#include "protocol/describe_scene.h"

namespace ndcast::protocol {
namespace {

using scene::StateCode;
using ParsedValue = std::expected<scene::Value, scene::Refusal>;

/// napari's interpolations that are neither nearest, linear nor cubic; all of them become cubic.
constexpr std::array<std::string_view, 13> kSmoothInterpolations = {
    "bessel",  "blackman", "catrom",  "custom",   "gaussian", "hamming", "hanning",
    "hermite", "kaiser",   "lanczos", "mitchell", "spline16", "spline36"};

constexpr std::array<std::string_view, 4> kTrueWords = {"1", "true", "yes", "on"};
constexpr std::array<std::string_view, 4> kFalseWords = {"0", "false", "no", "off"};

bool contains(const auto& words, std::string_view word) { return std::ranges::find(words, word) != words.end(); }

/// A word, trimmed and in lower case, given as a text or as {"name": text}.
std::optional<std::string> word_of(const Json& value) {
  const Json* text = value.is_object() ? value.find("name") : &value;
  if (!text || !text->is_string()) return std::nullopt;
  return lower(trimmed(text->string()));
}

template <class Enum>
ParsedValue parse_word(const ScopeRequest& request, std::string_view word) {
  if (const auto found = scene::enum_from_string<Enum>(word)) return scene::Value(*found);
  return refuse_value(request, fmt::format("one of {}", fmt::join(scene::enum_words<Enum>(), ", ")));
}

ParsedValue parse_bool(const ScopeRequest& request) {
  if (request.value.is_bool()) return scene::Value(request.value.boolean());
  if (const auto number = request.value.as_double()) return scene::Value(*number != 0.0);
  const auto word = word_of(request.value);
  if (word && contains(kTrueWords, *word)) return scene::Value(true);
  if (word && contains(kFalseWords, *word)) return scene::Value(false);
  return refuse_value(request, "true or false");
}

ParsedValue parse_pair(const ScopeRequest& request) {
  Json value = request.value;
  if (value.is_object()) {
    const Json* low = value.find("lo");
    const Json* high = value.find("hi");
    if (low && high && value.size() == 2) value = Json::make_array({*low, *high});
  }
  const auto pair = described::parse<std::array<double, 2>>(value, "");
  if (!pair) return refuse_value(request, "[low, high] or {\"lo\": low, \"hi\": high} of finite numbers");
  return scene::Value(*pair);
}

ParsedValue parse_text(const ScopeRequest& request) {
  const bool is_named = request.key == "colormap" && request.value.is_object();
  const Json* text = is_named ? request.value.find("name") : &request.value;
  if (!text || !text->is_string()) return refuse_value(request, "a string");
  return scene::Value(std::string(trimmed(text->string())));
}

template <class T>
ParsedValue parse_plain(const ScopeRequest& request, std::string_view expected) {
  const auto value = described::parse<T>(request.value, "");
  if (!value) return refuse_value(request, expected);
  return scene::Value(*value);
}

template <class Enum>
ParsedValue parse_enum(const ScopeRequest& request) {
  auto word = word_of(request.value);
  if (!word) return refuse_value(request, "a word");
  if (std::is_same_v<Enum, scene::Interpolation> && contains(kSmoothInterpolations, *word)) word = "cubic";
  return parse_word<Enum>(request, *word);
}

/// A list, or null for an empty one.
template <class List>
ParsedValue parse_list(const ScopeRequest& request) {
  if (request.value.is_null()) return scene::Value(List{});
  auto list = described::parse<List>(request.value, fmt::format("{} {}", request.scope, request.key));
  if (!list) return refuse(StateCode::Invalid, "{}", list.error().message);
  return scene::Value(std::move(*list));
}

/// {fps?, loop?} or null; what is left out is as in scene::Play.
ParsedValue parse_play(const ScopeRequest& request) {
  using MaybePlay = std::optional<scene::Play>;
  if (request.value.is_null()) return scene::Value(MaybePlay{});
  Json value = request.value;
  if (value.is_object()) {
    const scene::Play defaults;
    if (!value.find("fps")) value.set("fps", defaults.fps);
    if (!value.find("loop")) value.set("loop", scene::to_string(defaults.loop));
    if (Json* loop = value.find("loop"); loop->is_string()) *loop = lower(trimmed(loop->string()));
  }
  const auto play = described::parse<scene::Play>(value, fmt::format("{} {}", request.scope, request.key));
  if (!play) return refuse(StateCode::Invalid, "{}", play.error().message);
  return scene::Value(MaybePlay(*play));
}

/// [{position, normal, enabled?}] or null; a plane that does not say so is enabled.
ParsedValue parse_clip_planes(const ScopeRequest& request) {
  Json value = request.value;
  if (value.is_array()) {
    for (Json& plane : value.array()) {
      if (plane.is_object() && !plane.find("enabled")) plane.set("enabled", true);
    }
  }
  if (value.is_null()) return scene::Value(std::vector<scene::ClipPlane>{});
  auto planes =
      described::parse<std::vector<scene::ClipPlane>>(value, fmt::format("{} {}", request.scope, request.key));
  if (!planes) return refuse(StateCode::Invalid, "{}", planes.error().message);
  return scene::Value(std::move(*planes));
}

/// {position, normal?} or null; the normal is along z when it is left out.
ParsedValue parse_plane(const ScopeRequest& request) {
  using MaybePlane = std::optional<scene::LayerPlane>;
  if (request.value.is_null()) return scene::Value(MaybePlane{});
  Json value = request.value;
  if (value.is_object() && !value.find("normal")) value.set("normal", described::print(scene::LayerPlane{}.normal));
  const auto plane = described::parse<scene::LayerPlane>(value, fmt::format("{} {}", request.scope, request.key));
  if (!plane) return refuse(StateCode::Invalid, "{}", plane.error().message);
  return scene::Value(MaybePlane(*plane));
}

}  // namespace

ParsedValue parse_value(const ScopeRequest& request, scene::ValueType type) {
  using enum scene::ValueType;
  switch (type) {
    case Bool:
      return parse_bool(request);
    case Integer:
      return parse_plain<std::int64_t>(request, "an integer");
    case Number:
      return parse_plain<double>(request, "a finite number");
    case Text:
      return parse_text(request);
    case NumberPair:
      return parse_pair(request);
    case Blending:
      return parse_enum<scene::Blending>(request);
    case Interpolation:
      return parse_enum<scene::Interpolation>(request);
    case Rendering:
      return parse_enum<scene::Rendering>(request);
    case Depiction:
      return parse_enum<scene::Depiction>(request);
    case ProjectionMode:
      return parse_enum<scene::ProjectionMode>(request);
    case OptionalPlay:
      return parse_play(request);
    case NumberList:
      return parse_list<std::vector<double>>(request);
    case PointList:
      return parse_list<std::vector<std::array<double, 2>>>(request);
    case ClipPlanes:
      return parse_clip_planes(request);
    case OptionalPlane:
      return parse_plane(request);
    default:
      return refuse_key(request);
  }
}

}  // namespace ndcast::protocol
