// Keys of scope layer, and of volume, which is another name for the first image layer's.

#include <algorithm>
#include <array>
#include <cmath>

#include "protocol/describe_scene.h"
#include "protocol/state_scopes.h"
#include "protocol/supported.h"
#include "protocol/values.h"

namespace ndcast::protocol {
namespace {

using scene::StateCode;
using ParsedValue = std::expected<scene::Value, scene::Refusal>;

/// The original client's name for the one layer it expects to find.
constexpr std::string_view kOriginalLayer = "layer-0";

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
  const auto words = scene::enum_words<Enum>();
  const auto found = scene::enum_from_string<Enum>(word);
  if (!found) return refuse_value(request, fmt::format("one of {}", fmt::join(words, ", ")));
  if (!is_supported(*found)) {
    std::vector<std::string_view> supported;
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (is_supported(static_cast<Enum>(i))) supported.push_back(words[i]);
    }
    return refuse(StateCode::Unsupported, "{} {}: this server does {}; {} is not done", request.scope, request.key,
                  fmt::join(supported, ", "), word);
  }
  return scene::Value(*found);
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

ParsedValue parse_control(const ScopeRequest& request, scene::ValueType type) {
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
    default:
      return refuse_key(request);
  }
}

Understanding parse_layer_control(const ScopeRequest& request, scene::LayerId layer) {
  const scene::KeySpec* spec = scene::find_key(scene::Scope::Layer, request.key);
  if (!spec) return refuse_key(request);
  if (!spec->editable) {
    return refuse(StateCode::Invalid, "{} {} is written by the server alone", request.scope, request.key);
  }
  ParsedValue value = parse_control(request, spec->type);
  if (!value) return std::unexpected(std::move(value).error());
  Json echo = to_json(*value);
  return Understood{request.own_view, scene::SetLayerControl{std::move(layer), spec->key, std::move(*value)},
                    std::move(echo)};
}

}  // namespace

Understanding parse_layer_key(const ScopeRequest& request) {
  scene::LayerId layer{std::string(request.target)};
  if (layer.value == kOriginalLayer && !request.snapshot.find_layer(layer)) layer.value.clear();
  return parse_layer_control(request, std::move(layer));
}

Understanding parse_volume_key(const ScopeRequest& request) {
  constexpr std::array<std::string_view, 4> kKeys = {"rendering", "contrast_limits", "colormap", "opacity"};
  if (!contains(kKeys, request.key)) return refuse_key(request);
  return parse_layer_control(request, scene::LayerId{});
}

}  // namespace ndcast::protocol
