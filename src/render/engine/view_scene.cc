#include "render/engine/view_scene.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <utility>

#include "render/camera_math.h"
#include "render/volume_rays.h"
#include "scene/colormap.h"

namespace ndcast::render {
namespace {

/// Voxels beyond the visible ones that interpolation reads.
std::int64_t margin_of(scene::Interpolation interpolation) {
  switch (interpolation) {
    case scene::Interpolation::Nearest:
      return 0;
    case scene::Interpolation::Linear:
      return 1;
    case scene::Interpolation::Cubic:
      return 2;
  }
  return 0;
}

/// Thinner plates, in voxels, would fall between the samples of a ray that runs along them.
constexpr double kThinnestPlate = 1.0 / 16;

/// The plate of depiction plane: what lies between two half-spaces.
std::array<HalfSpace, 2> plate(const scene::LayerControls& controls, const LayerTarget& target) {
  scene::LayerPlane plane;
  double side = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < 3; ++i) {
    const plan::LatticeAxis axis = target.lattice(0, 2 - i);
    plane.position[i] = axis.origin + 0.5 * static_cast<double>(axis.size - 1) * axis.step;
    side = std::min(side, std::abs(axis.step));
  }
  plane = controls.plane.value_or(plane);
  const double half = 0.5 * side * std::max(controls.plane_thickness, kThinnestPlate);
  const Vec3 away = Vec3(plane.normal) * half;
  return {HalfSpace{plane.position - away, plane.normal}, HalfSpace{plane.position + away, Vec3(plane.normal) * -1.0}};
}

/// Voxels a side of the volume that plan::PixelCost's first guess is of.
constexpr double kUsualSide = 256;

/// LayerInput::unit: a voxel side of the finest level, but no less than a 1024th of the diagonal, so that opacities
/// that suit a small volume suit a large one. The same at every level, so that none looks denser than another.
double unit_of(const LayerTarget& target) {
  VolumeLevel finest;
  double diagonal = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    const plan::LatticeAxis axis = target.lattice(0, i);
    finest.step[i] = axis.step;
    diagonal = std::hypot(diagonal, static_cast<double>(axis.size) * axis.step);
  }
  return std::max(voxel_side(finest), diagonal / 1024);
}

/// What is shown of a layer in 3D.
std::vector<HalfSpace> half_spaces(const scene::LayerControls& controls, const LayerTarget& target) {
  std::vector<HalfSpace> out;
  for (const scene::ClipPlane& plane : controls.clip_planes) {
    if (plane.enabled) out.push_back({plane.position, plane.normal});
  }
  if (controls.depiction == scene::Depiction::Plane)
    std::ranges::copy(plate(controls, target), std::back_inserter(out));
  return out;
}

}  // namespace

std::optional<LayerTarget> ViewScene::first_target(const AppliedView& view, const Images& images) {
  for (const auto& layer : view.layers) {
    if (auto target = layer_target(view, *layer, images)) return target;
  }
  return std::nullopt;
}

int ViewScene::visible_layers(const AppliedView& view) {
  return static_cast<int>(
      std::ranges::count_if(view.layers, [](const auto& layer) { return layer->controls.visible; }));
}

std::shared_ptr<const ColorTable> ViewScene::colors_of(const std::string& colormap) {
  auto& table = colors_[colormap];
  if (!table) {
    const std::string name = scene::canonical_colormap(colormap).value_or("gray");
    table = std::make_shared<const ColorTable>(scene::color_table(name));
  }
  return table;
}

std::shared_ptr<const LabelColors> ViewScene::labels_of(const scene::LayerBlock& layer,
                                                        const std::shared_ptr<const image::Image>& image) {
  if (layer.meta.kind != scene::LayerKind::Labels || image::is_floating(image->levels.front().array->dtype())) {
    return nullptr;
  }
  auto& known = label_colors_[image->uri];
  if (known.image != image) {
    known = {image,
             image->label ? std::make_shared<const LabelColors>(image->label->colors)
                          : std::make_shared<const LabelColors>(),
             std::nullopt};
  }
  if (!layer.controls.show_selected_label) return known.colors;
  const auto selected = static_cast<std::uint64_t>(layer.controls.selected_label);
  if (!known.selected || known.selected->first != selected) {
    known.selected = {selected, std::make_shared<const LabelColors>(known.colors->showing_only(selected))};
  }
  return known.selected->second;
}

void ViewScene::aim(const AppliedView& view, const Images& images, int level) {
  const std::optional<LayerTarget> first = first_target(view, images);
  std::vector<Layer> old = std::exchange(layers_, {});
  for (const auto& block : view.layers) {
    if (!block->controls.visible) continue;
    std::optional<LayerTarget> target = layer_target(view, *block, images);
    if (!target) continue;
    target->level = matching_level(*target, *first, level);

    const auto known = std::ranges::find(old, block->id, &Layer::id);
    Layer layer = known == old.end() ? Layer{} : std::move(*known);
    layer.id = block->id;
    layer.name = block->controls.name;
    const scene::LayerControls& controls = block->controls;
    layer.look = {.contrast_limits = controls.contrast_limits,
                  .gamma = controls.gamma,
                  .colors = colors_of(controls.colormap),
                  .opacity = controls.opacity,
                  .blending = controls.blending,
                  .interpolation = controls.interpolation,
                  .rendering = controls.rendering,
                  .attenuation = controls.attenuation,
                  .iso_threshold = controls.iso_threshold,
                  .sample_step = controls.sample_step,
                  .opacity_curve = controls.opacity_curve,
                  .labels = labels_of(*block, target->image),
                  .contour = static_cast<int>(controls.contour)};
    if (view.mode() == scene::Mode::Plane) {
      layer.volume.reset();
      if (!layer.slice) layer.slice = std::make_unique<SliceSource>(with_fallbacks_);
      layer.slice->aim(*target, view.plane.rect, margin_of(layer.look.interpolation));
    } else {
      layer.slice.reset();
      if (!layer.volume) layer.volume = std::make_unique<VolumeSource>(with_fallbacks_);
      layer.volume->aim(*target, {view.volume, view.view->canvas, visible_layers(view)});
      layer.unit = unit_of(*target);
      layer.look.shown_in = half_spaces(controls, *target);
    }
    layers_.push_back(std::move(layer));
  }
}

SourceProgress ViewScene::fetch(const ChunkFinder& find) {
  SourceProgress all;
  for (Layer& layer : layers_) {
    const SourceProgress one = layer.slice ? layer.slice->fetch(find, pool_) : layer.volume->fetch(find, pool_);
    all.changed = all.changed || one.changed;
    all.stopped = all.stopped || one.stopped;
  }
  return all;
}

std::vector<image::ChunkRequest> ViewScene::missing() const {
  std::vector<image::ChunkRequest> requests;
  for (const Layer& layer : layers_) layer.slice ? layer.slice->request(requests) : layer.volume->request(requests);
  return requests;
}

bool ViewScene::complete() const {
  return std::ranges::all_of(layers_, [](const Layer& layer) {  //
    return layer.slice ? layer.slice->complete() : layer.volume->complete();
  });
}

int ViewScene::level_shown() const {
  if (layers_.empty()) return 0;
  const Layer& first = layers_.front();
  return first.slice ? first.slice->level_shown() : first.volume->level_shown();
}

std::size_t ViewScene::bytes() const {
  std::size_t bytes = 0;
  for (const Layer& layer : layers_) bytes += layer.slice ? layer.slice->bytes() : layer.volume->bytes();
  return bytes;
}

std::size_t ViewScene::visible_chunks() const {
  std::size_t chunks = 0;
  for (const Layer& layer : layers_) {
    chunks += layer.slice ? layer.slice->visible_chunks() : layer.volume->visible_chunks();
  }
  return chunks;
}

std::string ViewScene::obstacle() const {
  for (const Layer& layer : layers_) {
    if (layer.volume && layer.volume->too_large()) {
      return "layer \"" + layer.name + "\" has no level that is small enough to show in 3D";
    }
    if (layer.slice && layer.slice->cut()) {
      return "layer \"" + layer.name + "\" has no level that is coarse enough to show all of it; zoom in";
    }
  }
  return {};
}

double ViewScene::work() const {
  double work = 0;
  for (const Layer& layer : layers_) {
    if (layer.slice) ++work;
    if (!layer.volume) continue;
    for (const auto& volume : layer.volume->volumes()) {
      const auto& [width, height, depth] = volume->size;
      work += std::cbrt(static_cast<double>(width) * height * depth) / kUsualSide / layer.look.sample_step;
    }
  }
  return std::max(work, 0.1);
}

FrameInput ViewScene::input(const AppliedView& view, const plan::Quality& quality) const {
  FrameInput input;
  const plan::PictureSize size = plan::picture_size(quality, view.view->canvas);
  input.width = size.width;
  input.height = size.height;
  input.mode = view.mode();
  input.plane = view.plane;
  input.volume = view.volume;
  input.sample_step = quality.sample_step;
  for (const Layer& layer : layers_) {
    LayerInput one;
    one.look = layer.look;
    if (layer.slice) one.slices = layer.slice->slices();
    if (layer.volume) one.volumes = layer.volume->volumes();
    one.unit = layer.unit;
    if (one.slices.empty() && one.volumes.empty()) continue;
    input.layers.push_back(std::move(one));
  }
  return input;
}

}  // namespace ndcast::render
