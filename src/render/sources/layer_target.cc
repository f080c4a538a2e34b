#include "render/sources/layer_target.h"

#include <algorithm>
#include <cmath>

namespace ndcast::render {
namespace {

/// Smallest voxel side along the displayed axes, world units.
double smallest_step(const LayerTarget& target, int level) {
  double smallest = 0;
  for (std::size_t i = 0; i < target.displayed.size(); ++i) {
    const plan::LatticeAxis axis = target.lattice(level, i);
    if (axis.image_axis < 0) continue;
    if (smallest == 0 || std::abs(axis.step) < smallest) smallest = std::abs(axis.step);
  }
  return smallest == 0 ? 1 : smallest;
}

/// Names of objects have a largest and a smallest, and no sum.
bool is_defined(scene::ProjectionMode mode, scene::LayerKind kind) {
  using enum scene::ProjectionMode;
  return mode == Max || mode == Min || (mode != None && kind == scene::LayerKind::Image);
}

void set_projection(const AppliedView& view, const scene::LayerBlock& layer, LayerTarget& target) {
  const scene::ProjectionMode mode = layer.controls.projection_mode;
  if (view.mode() != scene::Mode::Plane || !is_defined(mode, layer.meta.kind)) return;
  plan::Margins margins{view.margins->left, view.margins->right};
  const std::size_t axes = view.axes->axes.size();
  margins.below.resize(axes, 0);
  margins.above.resize(axes, 0);
  for (const int axis : target.displayed) {
    margins.below[static_cast<std::size_t>(axis)] = margins.above[static_cast<std::size_t>(axis)] = 0;
  }
  const auto is_zero = [](double margin) { return margin == 0; };
  if (std::ranges::all_of(margins.below, is_zero) && std::ranges::all_of(margins.above, is_zero)) return;
  target.projection = mode;
  target.margins = std::move(margins);
}

}  // namespace

std::optional<LayerTarget> layer_target(const AppliedView& view, const scene::LayerBlock& layer, const Images& images) {
  const auto image = images.find(layer.meta.uri);
  if (image == images.end() || !image->second || image->second->levels.empty()) return std::nullopt;
  const std::vector<int>& displayed = view.view->displayed;
  if (displayed.size() != static_cast<std::size_t>(ndisplay_of(view.mode()))) return std::nullopt;
  LayerTarget target;
  target.image = image->second;
  target.axes = plan::layer_axes(*target.image, layer.meta.channel, static_cast<int>(view.axes->axes.size()));
  target.axes.scale = layer.controls.scale;
  target.axes.translate = layer.controls.translate;
  target.scene_axes = view.axes;
  target.displayed = displayed;
  target.index = view.index->value;
  for (const int axis : displayed) target.index[static_cast<std::size_t>(axis)] = 0;
  set_projection(view, layer, target);
  return target;
}

int matching_level(const LayerTarget& target, const LayerTarget& first, int level) {
  if (target.image == first.image) return std::clamp(level, 0, target.coarsest());
  const double wanted = smallest_step(first, std::clamp(level, 0, first.coarsest()));
  int best = 0;
  double best_distance = 0;
  for (int candidate = 0; candidate <= target.coarsest(); ++candidate) {
    const double distance = std::abs(std::log(smallest_step(target, candidate) / wanted));
    if (candidate > 0 && distance >= best_distance) continue;
    best = candidate;
    best_distance = distance;
  }
  return best;
}

DenseSpec dense_spec(const LayerTarget& target, int level, const std::array<DenseAxis, 3>& axes) {
  DenseSpec spec;
  spec.array = target.image->levels[static_cast<std::size_t>(level)].array;
  spec.position = plan::fixed_position(*target.image, level, target.axes, *target.scene_axes, target.index);
  spec.axes = axes;
  spec.projection = target.projection;
  if (target.projection != scene::ProjectionMode::None) {
    spec.slab = plan::slab_ranges(*target.image, level, target.axes, *target.scene_axes, target.index, target.margins);
  }
  for (const DenseAxis& axis : axes) {
    if (axis.array_axis >= 0) spec.position[static_cast<std::size_t>(axis.array_axis)] = 0;
  }
  return spec;
}

void request_missing(const DenseLevel& dense, std::span<const std::size_t> blocks, std::span<const float> priorities,
                     float lift, std::vector<image::ChunkRequest>& requests) {
  const std::size_t limit = requests.size() + kRequestsAtOnce;
  for (std::size_t i = 0; i < blocks.size() && requests.size() < limit; ++i) {
    if (dense.loaded()[blocks[i]] != 0) continue;
    for (std::vector<std::int64_t>& chunk : dense.missing_chunks(blocks[i])) {
      requests.push_back({dense.spec().array, std::move(chunk), image::LoadTier::Visible, priorities[i] + lift});
    }
  }
}

}  // namespace ndcast::render
