#include "scene/register.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/value_limits.h"
#include "scene/controls.h"

namespace ndcast::scene {
namespace {

constexpr std::array<std::string_view, 12> kScopes = {"scene",  "axes",       "view",  "dims",
                                                      "camera", "multiscale", "lod",   "restore_cache",
                                                      "op",     "stream",     "layer", "settings"};

// What a row may be besides its plain form.
constexpr Keep kHere{.journal = false, .undo = false, .file = false};     // of this moment of a running room
constexpr Keep kNotUndone{.journal = true, .undo = false, .file = true};  // undo brings back what people chose
constexpr Keep kRoomOnly{.journal = true, .undo = false, .file = false};  // of this room, not of the picture
constexpr Keep kChosenHere{.journal = true, .undo = true, .file = false};

constexpr KeySpec by_server(Scope scope, Key key, std::string_view name, ValueType type, Keep keep,
                            std::string_view doc) {
  return {.scope = scope, .key = key, .name = name, .type = type, .editable = false, .keep = keep, .doc = doc};
}
constexpr KeySpec by(MinRole role, Scope scope, Key key, std::string_view name, ValueType type, std::string_view doc,
                     Bounds bounds = {}, Keep keep = {}) {
  return {.scope = scope,
          .key = key,
          .name = name,
          .type = type,
          .editable = true,
          .min_role = role,
          .bounds = bounds,
          .keep = keep,
          .doc = doc};
}
constexpr KeySpec layer(Key key, std::string_view name, ValueType type, std::string_view doc, Bounds bounds = {}) {
  return by(MinRole::Editor, Scope::Layer, key, name, type, doc, bounds);
}
constexpr KeySpec of_the_data(KeySpec row) {
  row.of_the_data = true;
  return row;
}
constexpr KeySpec also_volume(KeySpec row) {
  row.volume_alias = true;
  return row;
}

constexpr Bounds kShare{0, 1};
constexpr Bounds kNotBelow0{0, std::nullopt};

constexpr std::array kKeys = {
    by_server(Scope::Scene, Key::Source, "source", ValueType::Source, kNotUndone, "the image that is shown"),
    by_server(Scope::Axes, Key::Spec, "spec", ValueType::AxesSpec, kNotUndone, "the scene's axes, slowest first"),

    by(MinRole::Viewer, Scope::View, Key::Ndisplay, "ndisplay", ValueType::Integer,
       "displayed axes; null means 2, more than 3 means 3", {2, 3}),
    by(MinRole::Viewer, Scope::View, Key::Order, "order", ValueType::IntegerList,
       "a permutation of the axes; the last ndisplay are displayed"),
    by(MinRole::Viewer, Scope::View, Key::CanvasSize, "canvas", ValueType::Canvas,
       "pixels of the picture: even, within limits; of the session that interacted last", {}, kNotUndone),
    by_server(Scope::View, Key::Meta, "meta", ValueType::ViewMeta, kRoomOnly,
              "what a view is called and who forked it"),

    by(MinRole::Viewer, Scope::Dims, Key::Index, "index", ValueType::Integer, "absolute, in steps of level 0",
       kNotBelow0),
    by(MinRole::Viewer, Scope::Dims, Key::MarginLeft, "margin_left", ValueType::Number,
       "2D: world units below the index that projection_mode takes in", kNotBelow0),
    by(MinRole::Viewer, Scope::Dims, Key::MarginRight, "margin_right", ValueType::Number,
       "2D: world units above the index that projection_mode takes in", kNotBelow0),
    by(MinRole::Viewer, Scope::Dims, Key::Play, "play", ValueType::OptionalPlay,
       "the server moves the index, fps times a second; null stops", {limits::kPlayFpsMin, limits::kPlayFpsMax}, kHere),

    by_server(Scope::Camera, Key::Plane, "plane", ValueType::PlanePose, kNotUndone, "where 2D looks"),
    by_server(Scope::Camera, Key::Volume, "volume", ValueType::VolumePose, kNotUndone, "where 3D looks"),

    by(MinRole::Viewer, Scope::Multiscale, Key::Level, "level", ValueType::OptionalInteger,
       "holds a level, 0 the finest; null leaves it to the policy", kNotBelow0),
    by(MinRole::Viewer, Scope::Multiscale, Key::Bias, "bias", ValueType::Integer,
       "coarser (above 0) or finer than the policy, in levels of a factor of 2", {-2, 2}),
    by_server(Scope::Lod, Key::Shown, "shown", ValueType::LodShown, kNotUndone, "the level shown and why"),
    by_server(Scope::RestoreCache, Key::Plane, "plane", ValueType::PlaneRestore, kRoomOnly, "what 2D returns to"),
    by_server(Scope::RestoreCache, Key::Volume, "volume", ValueType::VolumeRestore, kRoomOnly, "what 3D returns to"),
    by_server(Scope::Op, Key::State, "state", ValueType::Op, kHere, "the op fence"),
    by_server(Scope::Stream, Key::Config, "config", ValueType::StreamConfig, kHere, "how the pixels are coded"),

    by_server(Scope::Layer, Key::Meta, "meta", ValueType::LayerMeta, kNotUndone, "what the layer is made of"),
    of_the_data(layer(Key::Name, "name", ValueType::Text, "for people")),
    of_the_data(
        layer(Key::LayerOrder, "order", ValueType::Integer, "place in the drawing order, 0 the lowest", kNotBelow0)),
    layer(Key::Visible, "visible", ValueType::Bool, "whether it is drawn"),
    also_volume(layer(Key::Opacity, "opacity", ValueType::Number, "of the whole layer", kShare)),
    layer(Key::BlendingMode, "blending", ValueType::Blending, "how it meets what lies below"),
    layer(Key::InterpolationMode, "interpolation", ValueType::Interpolation,
          "between voxels; napari's other names mean cubic, which 3D draws as linear"),
    layer(Key::Gamma, "gamma", ValueType::Number, "exponent on the windowed value", {0.01, 100, true}),
    of_the_data(also_volume(layer(Key::ContrastLimits, "contrast_limits", ValueType::NumberPair,
                                  "the window, data units; swapped when reversed"))),
    of_the_data(
        also_volume(layer(Key::Colormap, "colormap", ValueType::Text, "a name of the capabilities, or #rrggbb"))),
    also_volume(layer(Key::RenderingMode, "rendering", ValueType::Rendering, "3D: what a ray shows")),
    layer(Key::DepictionMode, "depiction", ValueType::Depiction, "3D: all of it, or one plane of it"),
    layer(Key::Attenuation, "attenuation", ValueType::Number, "of attenuated_mip", kNotBelow0),
    of_the_data(layer(Key::IsoThreshold, "iso_threshold", ValueType::Number, "of iso, data units")),
    layer(Key::Projection, "projection_mode", ValueType::ProjectionMode,
          "2D: over the margins of the axes that are not displayed"),
    layer(Key::CutPlane, "plane", ValueType::OptionalPlane,
          "of depiction plane: where it lies; null: across z, through the middle"),
    layer(Key::PlaneThickness, "plane_thickness", ValueType::Number,
          "of depiction plane: smallest voxel sides of level 0", kNotBelow0),
    also_volume(layer(Key::SampleStep, "sample_step", ValueType::Number, "3D: voxel sides a ray step", {0.1, 4})),
    layer(Key::OpacityCurve, "opacity_curve", ValueType::PointList,
          "opacity over the value: [[data units, 0 to 1], …]; null or empty: none"),
    layer(Key::Scale, "scale", ValueType::NumberList,
          "world units of a voxel of level 0, one an axis, none 0; null or empty: the image's own"),
    layer(Key::Translate, "translate", ValueType::NumberList,
          "world position of the first voxel, one an axis; null or empty: the image's own"),
    layer(Key::ClipPlanes, "clip_planes", ValueType::ClipPlanes,
          "3D: planes that show what their normal points to; null or empty: none"),
    layer(Key::Contour, "contour", ValueType::Integer,
          "labels in 2D: pixels of each object's rim that are shown; 0: all of it", {0, limits::kContourMax}),
    layer(Key::SelectedLabel, "selected_label", ValueType::Integer, "labels: the object that is meant", kNotBelow0),
    layer(Key::ShowSelectedLabel, "show_selected_label", ValueType::Bool, "labels: no other object is shown"),

    by(MinRole::Editor, Scope::Settings, Key::FpsTarget, "fps_target", ValueType::Number, "frames a second at most",
       {1, 120}, kChosenHere),
    by(MinRole::Editor, Scope::Settings, Key::Bitrate, "bitrate", ValueType::Integer, "bit/s of a stream at most",
       {limits::kBitrateMin, limits::kBitrateMax}, kChosenHere),
    by(MinRole::Editor, Scope::Settings, Key::Quality, "quality", ValueType::Number,
       "sharpness kept while things move: 0 gives up what the frame rate asks for, 1 nothing", kShare, kChosenHere),
    by(MinRole::Editor, Scope::Settings, Key::RefineStill, "refine_still", ValueType::Bool,
       "a picture at rest is encoded again until it is fine, and sent without loss", {}, kChosenHere),
};

constexpr std::array kVerbs = {
    VerbSpec{"dims", "step", MinRole::Viewer, "moves the index by so many steps"},
    VerbSpec{"camera", "zoom", MinRole::Viewer, "factor above 1 shows more; the anchor's origin is at the bottom left"},
    VerbSpec{"camera", "pan", MinRole::Viewer, "the picture follows: right and up are positive"},
    VerbSpec{"camera", "orbit", MinRole::Viewer, "3D only; elevation stays within ±89.9"},
    VerbSpec{"camera", "reset", MinRole::Viewer, "the fitted pose of the mode; any value, a text is the reason"},
    VerbSpec{"camera", "set", MinRole::Viewer, "some of center, zoom, rect, angles, distance, fov"},
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
    case Scope::Settings:
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
std::span<const VerbSpec> verb_table() { return kVerbs; }

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

std::optional<MinRole> min_role_of(std::string_view scope, std::string_view key) {
  const auto verb =
      std::ranges::find_if(kVerbs, [&](const VerbSpec& row) { return row.scope == scope && row.name == key; });
  if (verb != kVerbs.end()) return verb->min_role;
  const bool is_volume = scope == kVolumeScope;
  const auto known = is_volume ? std::optional(Scope::Layer) : scope_from_string(scope);
  const KeySpec* spec = known ? find_key(*known, key) : nullptr;
  if (!spec || !spec->editable || (is_volume && !spec->volume_alias)) return std::nullopt;
  return spec->min_role;
}

std::optional<Value> default_value(const KeySpec& spec) {
  if (!spec.editable || spec.of_the_data) return std::nullopt;
  std::optional<Value> found;
  const auto look_in = [&](const auto& owner) {
    return [&](Key key, auto member) {
      if (key == spec.key) found = Value(owner.*member);
    };
  };
  if (spec.scope == Scope::Layer) for_each_control(look_in(LayerControls{}));
  if (spec.scope == Scope::Settings) for_each_setting(look_in(Settings{}));
  if (spec.key == Key::MarginLeft || spec.key == Key::MarginRight) found = Value(0.0);
  if (spec.key == Key::Play) found = Value(std::optional<Play>());
  if (spec.key == Key::Level) found = Value(std::optional<std::int64_t>());
  if (spec.key == Key::Bias) found = Value(std::int64_t{0});
  return found;
}

std::vector<std::pair<Key, Value>> default_values(Scope scope) {
  std::vector<std::pair<Key, Value>> out;
  for (const KeySpec& spec : kKeys) {
    if (spec.scope != scope) continue;
    if (std::optional<Value> value = default_value(spec)) out.emplace_back(spec.key, *std::move(value));
  }
  return out;
}

}  // namespace ndcast::scene
