// notify.scene: the whole scene in one frame, as the original's client expects it on connection and on a new dataset.

#include <algorithm>
#include <utility>

#include "protocol/original_geometry.h"

namespace ndcast::protocol {
namespace original {
namespace {

ViewerSettings settings_of(const scene::SceneSnapshot& snapshot, const scene::ViewState& view) {
  return {.fps_target = snapshot.settings->fps_target,
          .canvas_size = {view.view->canvas.width, view.view->canvas.height},
          .volume_enabled = view.view->mode == scene::Mode::Volume};
}

ViewerDims dims_of(const Geometry& geometry) {
  ViewerDims out{.ndim = geometry.ndim(), .axis_labels = geometry.labels, .order = geometry.order};
  out.displayed = geometry.displayed;
  out.current_step = geometry.step;
  out.current_level = geometry.current_level;
  out.level_shapes = geometry.level_shapes();
  out.ndisplay = scene::ndisplay_of(geometry.mode);
  out.margin_left = geometry.margin_left;
  out.margin_right = geometry.margin_right;
  return out;
}

ViewerCamera camera_of(const scene::ViewState& view) {
  ViewerCamera out{.ndisplay = scene::ndisplay_of(view.view->mode)};
  if (view.view->mode == scene::Mode::Plane) {
    const scene::PlanePose& pose = view.camera->plane;
    out.center.assign(pose.center.begin(), pose.center.end());
    out.zoom = pose.zoom;
    out.rect = pose.rect;
  } else {
    const scene::VolumePose& pose = view.camera->volume;
    out.center.assign(pose.center.begin(), pose.center.end());
    out.angles = pose.angles;
    out.distance = pose.distance;
    out.fov = pose.fov;
  }
  return out;
}

VolumeState volume_of(const scene::SceneSnapshot& snapshot) {
  const auto image = std::ranges::find_if(
      snapshot.layers, [](const auto& layer) { return layer->meta.kind == scene::LayerKind::Image; });
  if (image == snapshot.layers.end()) return {};
  const scene::LayerControls& controls = (*image)->controls;
  return {controls.rendering, controls.colormap, controls.contrast_limits, controls.opacity, controls.sample_step};
}

AxesState axes_of(const Geometry& geometry) {
  AxesState out;
  for (std::size_t i = 0; i < geometry.labels.size(); ++i) {
    const auto axis = static_cast<std::int64_t>(i);
    AxisState state{.axis_id = axis, .label = geometry.labels[i], .role = geometry.labels[i]};
    state.displayed = geometry.is_displayed(axis);
    state.world_extent = extent_of(geometry.levels[static_cast<std::size_t>(geometry.current_level)].shape[i]);
    state.margin_left_world = geometry.margin_left[i];
    state.margin_right_world = geometry.margin_right[i];
    out.axes.push_back(std::move(state));
  }
  return out;
}

ViewportState viewport_of(const Geometry& geometry, const scene::ViewState& view) {
  return {.mode = geometry.mode == scene::Mode::Plane ? ViewportMode::Plane : ViewportMode::Volume,
          .view = {geometry.mode, geometry.displayed, geometry.ndim()},
          .axes = axes_of(geometry),
          .index = {geometry.step},
          .lod = {geometry.current_level},
          .camera = {view.camera->plane, view.camera->volume}};
}

SceneMetadata metadata_of(const scene::SceneSnapshot& snapshot, const Geometry& geometry,
                          const scene::ViewState& view) {
  SceneMetadata out;
  // The original knows "ready" and "idle" alone: without an image there is nothing to show.
  const bool is_ready = snapshot.source->status == scene::SourceStatus::Ready;
  out.status = is_ready ? scene::SourceStatus::Ready : scene::SourceStatus::Idle;
  if (is_ready) {
    out.source_path = snapshot.source->uri;
    out.source_kind = "ome-zarr";
  }
  out.volume_state = volume_of(snapshot);
  out.viewport_state = viewport_of(geometry, view);
  return out;
}

}  // namespace
}  // namespace original

Json scene_payload(const scene::SceneSnapshot& snapshot, const scene::ViewId& id, const VersionOf& version_of) {
  const scene::ViewState& view = original::view_of(snapshot, id);
  const original::Geometry geometry = original::geometry_of(snapshot, view);
  original::Scene out;
  out.viewer = {original::settings_of(snapshot, view), original::dims_of(geometry), original::camera_of(view)};
  for (const auto& layer : snapshot.layers) {
    out.layers.push_back(original::layer_of(snapshot, view, *layer, version_of, nullptr));
  }
  out.policies.multiscale.active_level = geometry.current_level;
  out.policies.multiscale.levels = geometry.levels;
  out.metadata = original::metadata_of(snapshot, geometry, view);
  return described::print(out);
}

}  // namespace ndcast::protocol
