#pragma once
// The notify.* payloads of the original dialect, struct by struct: member names and order are those of the napari-cuda
// desktop client's message classes, whose parsers refuse any other key. Internal to original*.cc and the schema.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "protocol/describe_scene.h"
#include "protocol/original.h"

namespace ndcast::protocol {

NDCAST_WORDS(Severity, "info", "warning", "critical")

}  // namespace ndcast::protocol

namespace ndcast::protocol::original {

/// Describes a struct of this namespace; its schema definition is called Original….
#define NDCAST_ORIGINAL(Type, Members)     \
  BOOST_DESCRIBE_STRUCT(Type, (), Members) \
  [[maybe_unused]] constexpr std::string_view schema_name(std::type_identity<Type>) { return "Original" #Type; }

using Integers = std::vector<std::int64_t>;

struct Extent {
  double start = 0.0;
  double stop = 0.0;
  double step = 1.0;
};
NDCAST_ORIGINAL(Extent, (start, stop, step))

struct Level {
  std::int64_t index = 0;
  Integers shape;
  std::vector<double> downsample;
};
NDCAST_ORIGINAL(Level, (index, shape, downsample))

// --- notify.dims ---------------------------------------------------------------------------------------------------

struct DimsAxis {
  std::int64_t index = 0;
  std::string label;
  std::string role;
  bool displayed = false;
  std::int64_t order_pos = 0;
  std::int64_t current_step = 0;
  double margin_left_steps = 0.0;
  double margin_right_steps = 0.0;
  double margin_left_world = 0.0;
  double margin_right_world = 0.0;
  Integers per_level_steps;
  std::vector<Extent> per_level_world;
};
NDCAST_ORIGINAL(DimsAxis, (index, label, role, displayed, order_pos, current_step, margin_left_steps,
                           margin_right_steps, margin_left_world, margin_right_world, per_level_steps, per_level_world))

struct DimsSpec {
  std::int64_t version = 1;
  std::int64_t ndim = 0;
  std::int64_t ndisplay = 2;
  Integers order;
  Integers displayed;
  std::int64_t current_level = 0;
  Integers current_step;
  std::vector<Integers> level_shapes;
  bool plane_mode = true;
  std::optional<std::vector<std::string>> labels;
  std::vector<Level> levels;
  std::vector<DimsAxis> axes;
};
NDCAST_ORIGINAL(DimsSpec, (version, ndim, ndisplay, order, displayed, current_level, current_step, level_shapes,
                           plane_mode, labels, levels, axes))
NDCAST_NULL_WHEN_ABSENT(DimsSpec)

struct Dims {
  Integers step;
  Integers current_step;
  std::vector<Level> levels;
  std::int64_t current_level = 0;
  scene::Mode mode = scene::Mode::Plane;
  std::int64_t ndisplay = 2;
  std::vector<Integers> level_shapes;
  DimsSpec dims_spec;
  std::optional<std::vector<std::string>> labels;
};
NDCAST_ORIGINAL(Dims, (step, current_step, levels, current_level, mode, ndisplay, level_shapes, dims_spec, labels))

// --- notify.level --------------------------------------------------------------------------------------------------

struct LevelNotice {
  std::int64_t current_level = 0;
  scene::Mode mode = scene::Mode::Plane;
  std::optional<std::vector<Level>> levels;
};
NDCAST_ORIGINAL(LevelNotice, (current_level, mode, levels))

// --- layers --------------------------------------------------------------------------------------------------------

/// The blending words that the original knows; maximum and average are told as their nearest neighbours (§9).
struct Controls {
  std::optional<bool> visible;
  std::optional<double> opacity;
  std::optional<scene::Blending> blending;
  std::optional<scene::Interpolation> interpolation;
  std::optional<std::string> colormap;
  std::optional<double> gamma;
  std::optional<std::array<double, 2>> contrast_limits;
  std::optional<scene::Depiction> depiction;
  std::optional<scene::Rendering> rendering;
  std::optional<double> attenuation;
  std::optional<double> iso_threshold;
  std::optional<scene::ProjectionMode> projection_mode;
  std::optional<double> plane_thickness;
};
NDCAST_ORIGINAL(Controls, (visible, opacity, blending, interpolation, colormap, gamma, contrast_limits, depiction,
                           rendering, attenuation, iso_threshold, projection_mode, plane_thickness))

struct LayerMetadata {
  std::string source;
  std::string dtype;
  std::array<double, 2> data_range{0, 1};
};
NDCAST_ORIGINAL(LayerMetadata, (source, dtype, data_range))

struct Multiscale {
  std::int64_t current_level = 0;
  std::vector<scene::LevelInfo> levels;
  std::string policy = "oversampling";
  std::string index_space = "base";
};
NDCAST_ORIGINAL(Multiscale, (current_level, levels, policy, index_space))

struct Extras {
  std::string name;
  scene::LayerKind kind = scene::LayerKind::Image;
  std::vector<double> scale;
  std::vector<double> translate;
};
NDCAST_ORIGINAL(Extras, (name, kind, scale, translate))

struct Layer {
  std::string layer_id;
  std::string layer_type = "image";
  Controls controls;
  LayerMetadata metadata;
  Multiscale multiscale;
  std::map<std::string, std::uint64_t> versions;
  Extras extras;
};
NDCAST_ORIGINAL(Layer, (layer_id, layer_type, controls, metadata, multiscale, versions, extras))

struct LayersNotice {
  std::string layer_id;
  std::optional<Layer> layer;
  std::optional<bool> removed;
};
NDCAST_ORIGINAL(LayersNotice, (layer_id, layer, removed))

// --- notify.camera -------------------------------------------------------------------------------------------------

enum class CameraMode { Zoom, Pan, Orbit, Reset, Set, Pose };
NDCAST_WORDS(CameraMode, "zoom", "pan", "orbit", "reset", "set", "pose")

struct Camera {
  CameraMode mode = CameraMode::Pose;
  std::string origin;
  std::optional<Json> delta;
  std::optional<Json> state;
};
NDCAST_ORIGINAL(Camera, (mode, origin, delta, state))

// --- notify.stream -------------------------------------------------------------------------------------------------

struct LatencyPolicy {
  double max_buffer_ms = 120.0;
  double grace_keyframe_ms = 500.0;
};
NDCAST_ORIGINAL(LatencyPolicy, (max_buffer_ms, grace_keyframe_ms))

struct Stream {
  std::string codec;
  std::string format = "avcc";
  double fps = 60.0;
  std::array<std::int64_t, 2> frame_size{0, 0};
  std::int64_t nal_length_size = 4;
  std::string avcc;
  LatencyPolicy latency_policy;
};
NDCAST_ORIGINAL(Stream, (codec, format, fps, frame_size, nal_length_size, avcc, latency_policy))

// --- notify.error --------------------------------------------------------------------------------------------------

struct ErrorNotice {
  std::string domain;
  std::string code;
  std::string message;
  Severity severity = Severity::Info;
  std::optional<Json> context;
};
NDCAST_ORIGINAL(ErrorNotice, (domain, code, message, severity, context))

// --- notify.scene --------------------------------------------------------------------------------------------------

struct ViewerSettings {
  double fps_target = 60.0;
  std::array<std::int64_t, 2> canvas_size{0, 0};
  bool volume_enabled = false;
};
NDCAST_ORIGINAL(ViewerSettings, (fps_target, canvas_size, volume_enabled))

struct ViewerDims {
  std::int64_t ndim = 0;
  std::vector<std::string> axis_labels;
  Integers order;
  Integers displayed;
  Integers current_step;
  std::int64_t current_level = 0;
  std::vector<Integers> level_shapes;
  std::int64_t ndisplay = 2;
  std::vector<double> margin_left;
  std::vector<double> margin_right;
};
NDCAST_ORIGINAL(ViewerDims, (ndim, axis_labels, order, displayed, current_step, current_level, level_shapes, ndisplay,
                             margin_left, margin_right))

struct ViewerCamera {
  std::int64_t ndisplay = 2;
  std::vector<double> center;
  std::optional<double> zoom;
  std::optional<std::array<double, 4>> rect;
  std::optional<std::array<double, 3>> angles;
  std::optional<double> distance;
  std::optional<double> fov;
};
NDCAST_ORIGINAL(ViewerCamera, (ndisplay, center, zoom, rect, angles, distance, fov))

struct Viewer {
  ViewerSettings settings;
  ViewerDims dims;
  ViewerCamera camera;
};
NDCAST_ORIGINAL(Viewer, (settings, dims, camera))

struct MultiscalePolicy {
  std::string policy = "oversampling";
  std::int64_t active_level = 0;
  std::string index_space = "base";
  std::vector<Level> levels;
};
NDCAST_ORIGINAL(MultiscalePolicy, (policy, active_level, index_space, levels))

struct Policies {
  MultiscalePolicy multiscale;
};
NDCAST_ORIGINAL(Policies, (multiscale))

struct VolumeState {
  scene::Rendering rendering = scene::Rendering::Mip;
  std::string colormap = "gray";
  std::array<double, 2> clim{0, 1};
  double opacity = 1.0;
  double sample_step = 1.0;
};
NDCAST_ORIGINAL(VolumeState, (rendering, colormap, clim, opacity, sample_step))

enum class ViewportMode { Plane, Volume };
NDCAST_WORDS(ViewportMode, "PLANE", "VOLUME")

struct AxisState {
  std::int64_t axis_id = 0;
  std::string label;
  std::string role;
  bool displayed = false;
  Extent world_extent;
  double margin_left_world = 0.0;
  double margin_right_world = 0.0;
};
NDCAST_ORIGINAL(AxisState, (axis_id, label, role, displayed, world_extent, margin_left_world, margin_right_world))

struct ViewState {
  scene::Mode mode = scene::Mode::Plane;
  Integers displayed_axes;
  std::int64_t ndim = 0;
};
NDCAST_ORIGINAL(ViewState, (mode, displayed_axes, ndim))

struct AxesState {
  std::vector<AxisState> axes;
};
NDCAST_ORIGINAL(AxesState, (axes))

struct IndexState {
  Integers value;
};
NDCAST_ORIGINAL(IndexState, (value))

struct LodState {
  std::int64_t level = 0;
};
NDCAST_ORIGINAL(LodState, (level))

struct CameraState {
  scene::PlanePose plane;
  scene::VolumePose volume;
};
NDCAST_ORIGINAL(CameraState, (plane, volume))

struct ViewportState {
  ViewportMode mode = ViewportMode::Plane;
  ViewState view;
  AxesState axes;
  IndexState index;
  LodState lod;
  CameraState camera;
};
NDCAST_ORIGINAL(ViewportState, (mode, view, axes, index, lod, camera))

struct SceneMetadata {
  scene::SourceStatus status = scene::SourceStatus::Idle;
  std::optional<std::string> source_path;
  std::optional<std::string> source_kind;
  VolumeState volume_state;
  ViewportState viewport_state;
};
NDCAST_ORIGINAL(SceneMetadata, (status, source_path, source_kind, volume_state, viewport_state))

struct Scene {
  Viewer viewer;
  std::vector<Layer> layers;
  Policies policies;
  SceneMetadata metadata;
};
NDCAST_ORIGINAL(Scene, (viewer, layers, policies, metadata))

}  // namespace ndcast::protocol::original
