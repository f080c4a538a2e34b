#include "render/label_ray.h"

#include <cmath>

#include "render/label_colors.h"
#include "render/ray_modes.h"
#include "render/volume_cells.h"
#include "render/volume_rays.h"

namespace ndcast::render {
namespace {

/// Halvings of the last step on the way to a surface: to 1/32 of it.
constexpr int kHalvings = 5;

class LabelVolume {
 public:
  LabelVolume(const VolumeLevel& volume, const LabelColors& colors)
      : volume_(volume), colors_(colors), grid_(cell_grid(volume.size)) {}

  /// Of the voxel whose centre is nearest; held at the border.
  std::uint64_t nearest(const Vec3& at) const { return at_voxel({voxel(at, 0), voxel(at, 1), voxel(at, 2)}); }

  bool shows(const Vec3& at) const { return colors_.shows(nearest(at)); }

  /// The cell that reaches from a place furthest in a direction.
  std::array<std::int64_t, 3> cell_ahead(const Vec3& at, const Vec3& advance) const {
    std::array<std::int64_t, 3> cell;
    for (std::size_t i = 0; i < 3; ++i) {
      cell[i] = std::max<std::int64_t>(voxel(at, i) / kCellVoxels - (advance[i] < 0 ? kCellSpan - 1 : 0), 0);
    }
    return cell;
  }

  /// Whether the cell holds voxels of value 0 alone.
  bool is_empty(const std::array<std::int64_t, 3>& cell) const {
    const auto bounds =
        bounds_of_cell(volume_, static_cast<std::size_t>((cell[2] * grid_[1] + cell[1]) * grid_[0] + cell[0]));
    return bounds[0] == 0 && bounds[1] == 0;
  }

  /// How many of the samples behind the one at `at` lie in the cell, which is that ahead. `per_voxel` is 1 / advance.
  static std::int64_t samples_left_in(const std::array<std::int64_t, 3>& cell, const Vec3& at, const Vec3& advance,
                                      const Vec3& per_voxel) {
    double steps = 1e9;
    for (std::size_t i = 0; i < 3; ++i) {
      // Where the nearest voxel is one of the cells' own.
      const double low = static_cast<double>(cell[i] * kCellVoxels) - 0.5;
      const double border = advance[i] > 0 ? low + kCellSpan * kCellVoxels : low;
      if (advance[i] != 0) steps = std::min(steps, (border - at[i]) * per_voxel[i]);
    }
    return static_cast<std::int64_t>(std::max(steps - 1e-6, 0.0));
  }

  /// The share of `label` in the voxels around a place: 1 deep inside the object, 0 far from it.
  double share_of(std::uint64_t label, const Vec3& at) const {
    std::array<std::int64_t, 3> below;
    Vec3 weight;
    for (std::size_t i = 0; i < 3; ++i) {
      const double floor = std::floor(at[i]);
      below[i] = static_cast<std::int64_t>(floor);
      weight[i] = at[i] - floor;
    }
    double share = 0;
    for (unsigned corner = 0; corner < 8; ++corner) {
      std::array<std::int64_t, 3> place;
      double part = 1;
      for (std::size_t i = 0; i < 3; ++i) {
        const bool above = (corner >> i & 1U) != 0;
        place[i] = std::clamp<std::int64_t>(below[i] + (above ? 1 : 0), 0, volume_.size[i] - 1);
        part *= above ? weight[i] : 1 - weight[i];
      }
      if (at_voxel(place) == label) share += part;
    }
    return share;
  }

 private:
  std::int64_t voxel(const Vec3& at, std::size_t i) const {
    return std::min(static_cast<std::int64_t>(std::max(at[i] + 0.5, 0.0)), std::int64_t{volume_.size[i]} - 1);
  }
  std::uint64_t at_voxel(const std::array<std::int64_t, 3>& at) const {
    const std::int64_t offset = (at[2] * volume_.size[1] + at[1]) * volume_.size[0] + at[0];
    return label_at(volume_.dtype, volume_.data + static_cast<std::size_t>(offset) * image::byte_size(volume_.dtype));
  }

  const VolumeLevel& volume_;
  const LabelColors& colors_;
  std::array<int, 3> grid_;
};

/// The first sample on the ray that shows an object, drawn back to where the object begins.
std::optional<Vec3> first_surface(const LabelVolume& labels, const RaySamples& samples, bool skip_cells) {
  const auto begin_of = [&](Vec3 outside, Vec3 inside) {
    for (int i = 0; i < kHalvings; ++i) {
      const Vec3 middle = (outside + inside) * 0.5;
      (labels.shows(middle) ? inside : outside) = middle;
    }
    return inside;
  };
  const auto at = [&](std::int64_t i) { return samples.first + samples.advance * static_cast<double>(i); };
  const Vec3 per_voxel{1 / samples.advance[0], 1 / samples.advance[1], 1 / samples.advance[2]};
  for (std::int64_t i = 0; i < samples.steps; ++i) {
    const Vec3 place = at(i);
    if (skip_cells) {
      // The sample itself lies in the cell too.
      const auto cell = labels.cell_ahead(place, samples.advance);
      if (labels.is_empty(cell)) {
        i += LabelVolume::samples_left_in(cell, place, samples.advance, per_voxel);
        continue;
      }
    }
    if (labels.shows(place)) return i == 0 ? place : begin_of(at(i - 1), place);
  }
  if (samples.rest > 0 && labels.shows(samples.rest_at)) {
    return samples.steps == 0 ? samples.rest_at : begin_of(at(samples.steps - 1), samples.rest_at);
  }
  return std::nullopt;
}

/// How much the surface of `label` at a place faces the eye.
double facing(const LabelVolume& labels, const VolumeLevel& volume, const Ray& ray, std::uint64_t label,
              const Vec3& at) {
  Vec3 normal;
  for (std::size_t i = 0; i < 3; ++i) {
    Vec3 one{};
    one[i] = 1;
    normal[i] = (labels.share_of(label, at + one) - labels.share_of(label, at - one)) / volume.step[i];
  }
  const double length = std::sqrt(dot(normal, normal));
  return length > 0 ? std::min(std::abs(dot(normal, ray.direction)) / length, 1.0) : 1.0;
}

}  // namespace

std::optional<Contribution> label_pixel(const LayerInput& layer, const Ray& ray, double frame_step, bool skip_cells) {
  const LabelColors& colors = *layer.look.labels;
  std::optional<Contribution> seen;
  visit_way(ray, layer, frame_step, [&](const SampledPiece& piece) {
    const LabelVolume labels(piece.volume, colors);
    const bool may_skip = skip_cells && !piece.volume.cells.empty() && !colors.shows(0);
    const std::optional<Vec3> hit = first_surface(labels, piece.samples, may_skip);
    if (!hit) return true;
    const std::uint64_t label = labels.nearest(*hit);
    const LabelColors::Rgba& rgba = colors.colors()[colors.entry_of(label)];
    Rgb<double> color = lit<double>({rgba[0] / 255.0, rgba[1] / 255.0, rgba[2] / 255.0},
                                    facing(labels, piece.volume, ray, label, *hit));
    // To 8 bits, so that the last bits of a renderer's arithmetic do not show.
    for (double& part : color) part = std::round(part * 255) / 255;
    seen = covering(color, layer.look.opacity * rgba[3] / 255.0);
    return false;
  });
  return seen;
}

}  // namespace ndcast::render
