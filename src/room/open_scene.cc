#include "room/open_scene.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <set>

#include "base/limits.h"
#include "base/log.h"
#include "plan/canonical_pose.h"
#include "room/value_range.h"

namespace ndcast::room {
namespace {

using image::AxisType;
using image::DType;
using image::Image;

scene::AxisRole role_of(AxisType type) {
  switch (type) {
    case AxisType::Space:
      return scene::AxisRole::Space;
    case AxisType::Time:
      return scene::AxisRole::Time;
    case AxisType::Channel:
      return scene::AxisRole::Channel;
    case AxisType::Other:
      return scene::AxisRole::Other;
  }
  return scene::AxisRole::Other;
}

/// The channel axis when it becomes layers; nothing when there is none or when it has too many positions.
std::optional<std::size_t> split_axis(const Image& image) {
  const std::optional<int> axis = image.axis_of(AxisType::Channel);
  if (!axis) return std::nullopt;
  const auto i = static_cast<std::size_t>(*axis);
  if (image.levels.front().array->shape()[i] > static_cast<std::int64_t>(limits::kLayers)) return std::nullopt;
  return i;
}

scene::AxesSpec scene_axes(const Image& image, std::optional<std::size_t> split) {
  scene::AxesSpec spec;
  std::set<std::string> labels;
  const image::ImageLevel& finest = image.levels.front();
  for (std::size_t i = 0; i < image.axes.size(); ++i) {
    if (i == split) continue;
    scene::Axis axis;
    axis.label = image.axes[i].name.empty() ? fmt::format("axis{}", i) : image.axes[i].name;
    while (!labels.insert(axis.label).second) axis.label += "'";
    axis.role = role_of(image.axes[i].type);
    axis.unit = image.axes[i].unit;
    axis.size = finest.array->shape()[i];
    axis.start = finest.translation[i];
    axis.step = finest.scale[i];
    spec.axes.push_back(std::move(axis));
  }
  return spec;
}

std::vector<scene::LevelInfo> level_infos(const Image& image, std::optional<std::size_t> split) {
  std::vector<scene::LevelInfo> infos;
  for (const image::ImageLevel& level : image.levels) {
    scene::LevelInfo info;
    for (std::size_t i = 0; i < image.axes.size(); ++i) {
      if (i == split) continue;
      info.shape.push_back(level.array->shape()[i]);
      info.downsample.push_back(level.scale[i] / image.levels.front().scale[i]);
    }
    infos.push_back(std::move(info));
  }
  return infos;
}

/// What a type can hold, for the slider of an image without metadata or readable voxels; floating point: 0 to 1.
std::array<double, 2> range_of(DType dtype) {
  switch (dtype) {
    case DType::Bool:
      return {0, 1};
    case DType::Int8:
      return {-128, 127};
    case DType::UInt8:
      return {0, 255};
    case DType::Int16:
      return {-32768, 32767};
    case DType::UInt16:
      return {0, 65535};
    case DType::Int32:
    case DType::Int64:
      return {-0x1p31, 0x1p31 - 1};
    case DType::UInt32:
    case DType::UInt64:
      return {0, 0x1p32 - 1};
    case DType::Float16:
    case DType::Float32:
    case DType::Float64:
      return {0, 1};
  }
  return {0, 1};
}

/// napari's habit for channels without a colour: magenta, green, cyan, yellow, red, blue, in turn.
std::string default_colormap(std::size_t channel, std::size_t channels) {
  constexpr std::array<const char*, 6> kColors = {"magenta", "green", "cyan", "yellow", "red", "blue"};
  return channels == 1 ? "gray" : kColors[channel % kColors.size()];
}

std::string colormap_of(const Image& image, std::size_t channel, std::size_t channels) {
  if (channel >= image.channels.size() || !image.channels[channel].has_color)
    return default_colormap(channel, channels);
  if (image.greyscale) return "gray";
  const auto& color = image.channels[channel].color;
  if (color[0] == 255 && color[1] == 255 && color[2] == 255) return "gray";
  if (color[0] == 0 && color[1] == 0 && color[2] == 0) return "gray";  // black on black would show nothing
  return fmt::format("#{:02x}{:02x}{:02x}", color[0], color[1], color[2]);
}

/// Of label images over an image: napari's.
constexpr double kOverlayOpacity = 0.7;

/// Contrast limits and slider range: the metadata's window as it stands; what the metadata leaves open comes from the
/// voxels. The slider spans the values that occur rather than the type, or a 12-bit image in 16 bits would use a
/// sixteenth of it; number fields reach beyond.
void set_contrast(const Image& image, std::optional<int> channel, image::ChunkLoader& loader, reduce::NewLayer& layer) {
  const std::optional<ValueRange> seen = sample_values(image, channel, loader);
  std::array<double, 2> limits = seen ? seen->window : range_of(image.levels.front().array->dtype());
  std::array<double, 2> range = seen ? seen->extremes : limits;
  if (image.levels.front().array->dtype() == DType::UInt8) range = {0, 255};
  const auto index = static_cast<std::size_t>(channel.value_or(0));
  if (index < image.channels.size() && image.channels[index].window) {
    const auto& window = *image.channels[index].window;
    if (std::isfinite(window.start) && std::isfinite(window.end) && window.start < window.end) {
      limits = {window.start, window.end};
      if (!seen && window.min < window.max) range = {window.min, window.max};
    }
  }
  layer.controls.contrast_limits = limits;
  layer.controls.iso_threshold = limits[0] + (limits[1] - limits[0]) / 2;
  layer.meta.data_range = {std::min(range[0], limits[0]), std::max(range[1], limits[1])};
}

reduce::NewLayer describe_layer(const Image& image, std::size_t channel, std::size_t channels,
                                std::optional<std::size_t> split, image::ChunkLoader& loader) {
  reduce::NewLayer layer;
  layer.id = scene::LayerId{fmt::format("layer-{}", channel)};
  layer.meta.kind = image.is_label ? scene::LayerKind::Labels : scene::LayerKind::Image;
  layer.meta.uri = image.uri;
  if (split) layer.meta.channel = static_cast<int>(channel);
  layer.meta.dtype = image::to_string(image.levels.front().array->dtype());
  layer.meta.levels = level_infos(image, split);
  scene::LayerControls& controls = layer.controls;
  const bool labelled = channel < image.channels.size() && !image.channels[channel].label.empty();
  controls.name = labelled        ? image.channels[channel].label.substr(0, limits::kNameBytes)
                  : channels == 1 ? image.name.substr(0, limits::kNameBytes)
                                  : fmt::format("Channel {}", channel);
  if (controls.name.empty()) controls.name = "image";
  controls.order = static_cast<std::int64_t>(channel);
  controls.visible = channel >= image.channels.size() || image.channels[channel].active;
  controls.colormap = colormap_of(image, channel, channels);
  controls.blending = channels == 1 ? scene::Blending::Translucent : scene::Blending::Additive;
  controls.interpolation = image.is_label ? scene::Interpolation::Nearest : scene::Interpolation::Linear;
  set_contrast(image, layer.meta.channel, loader, layer);
  return layer;
}

/// A label image over the image that it belongs to.
reduce::NewLayer describe_overlay(const Image& label, std::size_t place) {
  reduce::NewLayer layer;
  layer.id = scene::LayerId{fmt::format("layer-{}", place)};
  layer.meta.kind = scene::LayerKind::Labels;
  layer.meta.uri = label.uri;
  layer.meta.dtype = image::to_string(label.levels.front().array->dtype());
  layer.meta.levels = level_infos(label, std::nullopt);
  layer.meta.data_range = range_of(label.levels.front().array->dtype());
  scene::LayerControls& controls = layer.controls;
  controls.name = label.name.empty() ? "labels" : label.name.substr(0, limits::kNameBytes);
  controls.order = static_cast<std::int64_t>(place);
  controls.visible = false;
  controls.opacity = kOverlayOpacity;
  controls.contrast_limits = layer.meta.data_range;
  return layer;
}

std::vector<std::int64_t> initial_index(const Image& image, const scene::AxesSpec& axes) {
  std::vector<std::int64_t> index;
  for (const scene::Axis& axis : axes.axes) {
    std::int64_t at = axis.role == scene::AxisRole::Space ? axis.size / 2 : 0;
    if (axis.label == "z" && image.default_z) at = *image.default_z;
    if (axis.role == scene::AxisRole::Time && image.default_t) at = *image.default_t;
    index.push_back(std::clamp<std::int64_t>(at, 0, axis.size - 1));
  }
  return index;
}

}  // namespace

Result<reduce::NewScene> describe_scene(const SceneImages& images, const scene::Canvas& canvas,
                                        image::ChunkLoader& loader) {
  const Image& image = *images.image;
  const std::optional<std::size_t> split = split_axis(image);
  reduce::NewScene scene;
  scene.axes = scene_axes(image, split);
  if (scene.axes.axes.size() < 2) {
    return fail(ErrorCode::Unsupported, "{}: an image of {} axes besides channels; a picture needs at least 2",
                image.uri, scene.axes.axes.size());
  }
  for (const scene::Axis& axis : scene.axes.axes) {
    if (axis.size < 1) return fail(ErrorCode::Invalid, "{}: axis {} has no voxels", image.uri, axis.label);
  }
  const std::size_t channels = split ? static_cast<std::size_t>(image.levels.front().array->shape()[*split]) : 1;
  for (std::size_t channel = 0; channel < channels; ++channel) {
    scene.layers.push_back(describe_layer(image, channel, channels, split, loader));
  }
  for (const auto& label : images.labels) {
    if (scene.layers.size() == limits::kLayers) break;
    scene.layers.push_back(describe_overlay(*label, scene.layers.size()));
  }
  scene.source = {scene::SourceStatus::Ready, image.uri, image.name, ""};
  scene.index = initial_index(image, scene.axes);
  std::vector<int> order(scene.axes.axes.size());
  std::iota(order.begin(), order.end(), 0);
  scene.plane = plan::fitted_plane_pose(scene.axes, order, canvas);
  scene.volume = plan::fitted_volume_pose(scene.axes, order, canvas);
  // The render thread decides the level with its first picture; until then the coarsest is the honest guess.
  scene.plane_level = scene.volume_level = static_cast<int>(image.levels.size()) - 1;
  return scene;
}

std::optional<std::string> misfit_of_axes(const scene::AxesSpec& scene, const scene::AxesSpec& added) {
  const std::size_t shared = std::min(scene.axes.size(), added.axes.size());
  for (std::size_t back = 1; back <= shared; ++back) {
    const scene::Axis& here = scene.axes[scene.axes.size() - back];
    const scene::Axis& there = added.axes[added.axes.size() - back];
    if (here.role != there.role) {
      return fmt::format("its axis {} ({}) would lie along the scene's {} ({})", there.label, to_string(there.role),
                         here.label, to_string(here.role));
    }
    if (!here.unit.empty() && !there.unit.empty() && here.unit != there.unit) {
      return fmt::format("its axis {} is in {}, the scene's {} in {}", there.label, there.unit, here.label, here.unit);
    }
  }
  for (std::size_t i = 0; i + shared < added.axes.size(); ++i) {
    if (added.axes[i].size == 1) continue;
    return fmt::format("it has {} positions along {}, which the scene has not", added.axes[i].size,
                       added.axes[i].label);
  }
  return std::nullopt;
}

namespace {

/// One image and its layers into the scene; the error says why not.
Result<void> add_image(const std::string& uri, const OpenImage& open, const scene::Canvas& canvas,
                       image::ChunkLoader& loader, SceneImages& images, reduce::NewScene& scene) {
  ND_ASSIGN(SceneImages more, open_scene_images(uri, open));
  ND_ASSIGN(reduce::NewScene described, describe_scene(more, canvas, loader));
  if (const auto misfit = misfit_of_axes(scene.axes, described.axes))
    return fail(ErrorCode::Unsupported, "{}", *misfit);
  if (scene.layers.size() + described.layers.size() > limits::kLayers) {
    return fail(ErrorCode::Limit, "the scene would have more than {} layers", limits::kLayers);
  }
  for (reduce::NewLayer& layer : described.layers) {
    layer.controls.order = static_cast<std::int64_t>(scene.layers.size());
    layer.id.value = fmt::format("layer-{}", scene.layers.size());
    scene.layers.push_back(std::move(layer));
  }
  images.added.push_back(std::move(more.image));
  std::ranges::move(more.labels, std::back_inserter(images.added));
  return {};
}

}  // namespace

void add_images(const std::vector<std::string>& uris, const OpenImage& open, const scene::Canvas& canvas,
                image::ChunkLoader& loader, SceneImages& images, reduce::NewScene& scene) {
  for (const std::string& uri : uris) {
    if (images.by_uri().contains(uri)) continue;
    const Result<void> added = add_image(uri, open, canvas, loader, images, scene);
    if (!added) log().warn("{}: left out of the scene of {}: {}", uri, scene.source.uri, added.error().message);
  }
}

}  // namespace ndcast::room
