#include "scene/register.h"

#include <algorithm>
#include <array>

#include "base/check.h"

namespace ndcast::scene {
namespace {

constexpr std::array<std::string_view, 11> kScopes = {
    "scene", "axes", "view", "dims", "camera", "multiscale", "lod", "restore_cache", "op", "stream", "layer"};

constexpr std::array kKeys = {
    KeySpec{Scope::Scene, Key::Source, "source", ValueType::Source, false},
    KeySpec{Scope::Axes, Key::Spec, "spec", ValueType::AxesSpec, false},
    KeySpec{Scope::View, Key::Ndisplay, "ndisplay", ValueType::Integer, true},
    KeySpec{Scope::View, Key::Order, "order", ValueType::IntegerList, true},
    KeySpec{Scope::View, Key::CanvasSize, "canvas", ValueType::Canvas, true},
    KeySpec{Scope::View, Key::Meta, "meta", ValueType::ViewMeta, false},
    KeySpec{Scope::Dims, Key::Index, "index", ValueType::Integer, true},
    KeySpec{Scope::Camera, Key::Plane, "plane", ValueType::PlanePose, false},
    KeySpec{Scope::Camera, Key::Volume, "volume", ValueType::VolumePose, false},
    KeySpec{Scope::Multiscale, Key::Level, "level", ValueType::OptionalInteger, true},
    KeySpec{Scope::Lod, Key::Shown, "shown", ValueType::LodShown, false},
    KeySpec{Scope::RestoreCache, Key::Plane, "plane", ValueType::PlaneRestore, false},
    KeySpec{Scope::RestoreCache, Key::Volume, "volume", ValueType::VolumeRestore, false},
    KeySpec{Scope::Op, Key::State, "state", ValueType::Op, false},
    KeySpec{Scope::Stream, Key::Config, "config", ValueType::StreamConfig, false},
    KeySpec{Scope::Layer, Key::Meta, "meta", ValueType::LayerMeta, false},
    KeySpec{Scope::Layer, Key::Name, "name", ValueType::Text, true},
    KeySpec{Scope::Layer, Key::LayerOrder, "order", ValueType::Integer, true},
    KeySpec{Scope::Layer, Key::Visible, "visible", ValueType::Bool, true},
    KeySpec{Scope::Layer, Key::Opacity, "opacity", ValueType::Number, true},
    KeySpec{Scope::Layer, Key::BlendingMode, "blending", ValueType::Blending, true},
    KeySpec{Scope::Layer, Key::InterpolationMode, "interpolation", ValueType::Interpolation, true},
    KeySpec{Scope::Layer, Key::Gamma, "gamma", ValueType::Number, true},
    KeySpec{Scope::Layer, Key::ContrastLimits, "contrast_limits", ValueType::NumberPair, true},
    KeySpec{Scope::Layer, Key::Colormap, "colormap", ValueType::Text, true},
    KeySpec{Scope::Layer, Key::RenderingMode, "rendering", ValueType::Rendering, true},
};

}  // namespace

std::string_view to_string(Scope scope) { return kScopes[static_cast<std::size_t>(scope)]; }

std::optional<Scope> scope_from_string(std::string_view word) {
  const auto it = std::ranges::find(kScopes, word);
  if (it == kScopes.end()) return std::nullopt;
  return static_cast<Scope>(it - kScopes.begin());
}

std::string_view view_of(const RegisterId& id) {
  switch (id.scope) {
    case Scope::Scene:
    case Scope::Axes:
    case Scope::Layer:
      return {};
    case Scope::Dims:
      return id.view;
    default:
      return id.target;
  }
}

bool holds(const Value& value, ValueType type) {
  // Value's alternatives are Gone followed by the types in ValueType's order.
  return value.index() == static_cast<std::size_t>(type) + 1;
}

std::span<const KeySpec> key_table() { return kKeys; }

const KeySpec* find_key(Scope scope, std::string_view name) {
  const auto it =
      std::ranges::find_if(kKeys, [&](const KeySpec& spec) { return spec.scope == scope && spec.name == name; });
  return it == kKeys.end() ? nullptr : &*it;
}

const KeySpec& spec_of(Scope scope, Key key) {
  const auto it =
      std::ranges::find_if(kKeys, [&](const KeySpec& spec) { return spec.scope == scope && spec.key == key; });
  ND_CHECK(it != kKeys.end(), "no such key in the key table");
  return *it;
}

}  // namespace ndcast::scene
