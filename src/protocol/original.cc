#include "protocol/original.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "base/limits.h"
#include "protocol/original_geometry.h"

namespace ndcast::protocol {
namespace original {
namespace {

/// protocol.md §9: words that the original does not know are told as their nearest neighbours.
scene::Blending told_blending(scene::Blending blending) {
  if (blending == scene::Blending::Maximum) return scene::Blending::Additive;
  if (blending == scene::Blending::Average) return scene::Blending::Translucent;
  return blending;
}

Controls controls_of(const scene::LayerControls& controls, const std::set<scene::Key>* changed) {
  const auto told = [changed](scene::Key key) { return !changed || changed->contains(key); };
  Controls out;
  if (told(scene::Key::Visible)) out.visible = controls.visible;
  if (told(scene::Key::Opacity)) out.opacity = controls.opacity;
  if (told(scene::Key::BlendingMode)) out.blending = told_blending(controls.blending);
  if (told(scene::Key::InterpolationMode)) out.interpolation = controls.interpolation;
  if (told(scene::Key::Colormap)) out.colormap = controls.colormap;
  if (told(scene::Key::Gamma)) out.gamma = controls.gamma;
  if (told(scene::Key::ContrastLimits)) out.contrast_limits = controls.contrast_limits;
  if (told(scene::Key::DepictionMode)) out.depiction = controls.depiction;
  if (told(scene::Key::RenderingMode)) out.rendering = controls.rendering;
  if (told(scene::Key::Attenuation)) out.attenuation = controls.attenuation;
  if (told(scene::Key::IsoThreshold)) out.iso_threshold = controls.iso_threshold;
  if (told(scene::Key::Projection)) out.projection_mode = controls.projection_mode;
  if (told(scene::Key::PlaneThickness)) out.plane_thickness = controls.plane_thickness;
  return out;
}

std::map<std::string, std::uint64_t> versions_of(const scene::LayerId& layer, const VersionOf& version_of,
                                                 const std::set<scene::Key>* changed) {
  std::map<std::string, std::uint64_t> out;
  for (const scene::KeySpec& spec : scene::key_table()) {
    if (spec.scope != scene::Scope::Layer || !original_tells(spec.key) || (changed && !changed->contains(spec.key))) {
      continue;
    }
    if (const std::uint64_t version = version_of(layer, spec.key); version > 0) out.emplace(spec.name, version);
  }
  return out;
}

DimsAxis dims_axis(const Geometry& geometry, std::size_t i) {
  const auto axis = static_cast<std::int64_t>(i);
  DimsAxis out{.index = axis, .label = geometry.labels[i], .role = geometry.labels[i]};
  out.displayed = geometry.is_displayed(axis);
  out.order_pos = std::ranges::find(geometry.order, axis) - geometry.order.begin();
  out.current_step = geometry.step[i];
  // The dialect's dims world is index space, in which a step is 1.
  out.margin_left_steps = out.margin_left_world = geometry.margin_left[i];
  out.margin_right_steps = out.margin_right_world = geometry.margin_right[i];
  for (const Level& level : geometry.levels) {
    out.per_level_steps.push_back(level.shape[i]);
    out.per_level_world.push_back(extent_of(level.shape[i]));
  }
  return out;
}

DimsSpec dims_spec(const Geometry& geometry) {
  DimsSpec out{.ndim = geometry.ndim(), .ndisplay = scene::ndisplay_of(geometry.mode)};
  out.order = geometry.order;
  out.displayed = geometry.displayed;
  out.current_level = geometry.current_level;
  out.current_step = geometry.step;
  out.level_shapes = geometry.level_shapes();
  out.plane_mode = geometry.mode == scene::Mode::Plane;
  out.labels = geometry.labels;
  out.levels = geometry.levels;
  for (std::size_t i = 0; i < geometry.labels.size(); ++i) out.axes.push_back(dims_axis(geometry, i));
  return out;
}

}  // namespace

Layer layer_of(const scene::SceneSnapshot& snapshot, const scene::ViewState& view, const scene::LayerBlock& layer,
               const VersionOf& version_of, const std::set<scene::Key>* changed) {
  Layer out{.layer_id = layer.id.value};
  out.controls = controls_of(layer.controls, changed);
  out.metadata = {layer.meta.uri, layer.meta.dtype, layer.meta.data_range};
  out.multiscale.current_level = view.lod->shown.level;
  out.multiscale.levels = layer.meta.levels;
  out.versions = versions_of(layer.id, version_of, changed);
  out.extras.name = layer.controls.name;
  out.extras.kind = layer.meta.kind;
  const scene::LayerControls& controls = layer.controls;
  out.extras.scale = controls.scale;
  out.extras.translate = controls.translate;
  for (const scene::Axis& axis : snapshot.axes->axes) {
    if (controls.scale.empty()) out.extras.scale.push_back(axis.step);
    if (controls.translate.empty()) out.extras.translate.push_back(axis.start);
  }
  return out;
}

}  // namespace original

bool original_tells(scene::Key key) {
  using enum scene::Key;
  constexpr std::array kTold = {
      Visible,       Opacity,     BlendingMode, InterpolationMode, Colormap,       Gamma, ContrastLimits, DepictionMode,
      RenderingMode, Attenuation, IsoThreshold, Projection,        PlaneThickness, Name,  Scale,          Translate};
  return std::ranges::find(kTold, key) != kTold.end();
}

Json layer_block(const scene::SceneSnapshot& snapshot, const scene::ViewId& view, const scene::LayerBlock& layer,
                 const VersionOf& version_of, const std::set<scene::Key>* changed) {
  return described::print(original::layer_of(snapshot, original::view_of(snapshot, view), layer, version_of, changed));
}

Json dims_payload(const scene::SceneSnapshot& snapshot, const scene::ViewId& view) {
  const original::Geometry geometry = original::geometry_of(snapshot, original::view_of(snapshot, view));
  original::Dims out{.step = geometry.step, .current_step = geometry.step, .levels = geometry.levels};
  out.current_level = geometry.current_level;
  out.mode = geometry.mode;
  out.ndisplay = scene::ndisplay_of(geometry.mode);
  out.level_shapes = geometry.level_shapes();
  out.dims_spec = original::dims_spec(geometry);
  out.labels = geometry.labels;
  return described::print(out);
}

Json level_payload(const scene::SceneSnapshot& snapshot, const scene::ViewId& view) {
  original::Geometry geometry = original::geometry_of(snapshot, original::view_of(snapshot, view));
  return described::print(original::LevelNotice{geometry.current_level, geometry.mode, std::move(geometry.levels)});
}

Json layers_payload(const scene::SceneSnapshot& snapshot, const scene::ViewId& view, const scene::LayerBlock& layer,
                    const VersionOf& version_of, const std::set<scene::Key>* changed) {
  original::LayersNotice out{.layer_id = layer.id.value};
  out.layer = original::layer_of(snapshot, original::view_of(snapshot, view), layer, version_of, changed);
  return described::print(out);
}

Json layer_removed_payload(const scene::LayerId& layer) {
  return described::print(original::LayersNotice{.layer_id = layer.value, .removed = true});
}

Json camera_delta_payload(const scene::CameraVerb& verb, const Json& echo) {
  // CameraMode's first five words follow CameraVerb's alternatives.
  const auto mode = static_cast<original::CameraMode>(verb.index());
  return described::print(original::Camera{.mode = mode, .origin = "state.update", .delta = echo});
}

Json camera_pose_payload(const scene::ViewState& view) {
  original::Camera out{.mode = original::CameraMode::Pose, .origin = "worker.state.camera"};
  const bool is_plane = view.view->mode == scene::Mode::Plane;
  out.state = is_plane ? described::print(view.camera->plane) : described::print(view.camera->volume);
  return described::print(out);
}

std::optional<Json> stream_payload(const scene::StreamConfig& config) {
  if (config.avcc_base64.empty()) return std::nullopt;
  original::Stream out{.codec = config.codec, .fps = config.fps};
  out.frame_size = {config.width, config.height};
  out.avcc = config.avcc_base64;
  out.latency_policy.grace_keyframe_ms = std::chrono::duration<double, std::milli>(limits::kKeyframeDebt).count();
  return described::print(out);
}

std::string_view to_string(Severity severity) {
  return words_of(std::type_identity<Severity>{})[static_cast<std::size_t>(severity)];
}

Json error_notice_payload(std::string_view domain, std::string_view code, std::string_view message, Severity severity) {
  return described::print(
      original::ErrorNotice{std::string(domain), std::string(code), std::string(message), severity, std::nullopt});
}

}  // namespace ndcast::protocol
