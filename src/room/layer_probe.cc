#include "room/layer_probe.h"

#include <fmt/format.h>

#include "image/read_voxels.h"
#include "render/label_colors.h"
#include "room/voxel_value.h"

namespace ndcast::room {
namespace {

/// The colour that pictures give an object; "" where there is none.
std::string color_of(const image::Image& image, image::DType dtype, const std::byte* voxel) {
  if (!image.is_label || image::is_floating(dtype)) return {};
  const render::LabelColors colors = image.label ? render::LabelColors(image.label->colors) : render::LabelColors();
  const std::uint64_t label = render::label_at(dtype, voxel);
  if (!colors.shows(label)) return {};
  const auto [red, green, blue, alpha] = colors.colors()[colors.entry_of(label)];
  return fmt::format("#{:02x}{:02x}{:02x}", red, green, blue);
}

}  // namespace

std::optional<std::vector<std::int64_t>> voxel_at(const LayerPlace& place, int level, std::span<const double> world) {
  std::vector<std::int64_t> voxel(place.array(level).shape().size(), 0);
  for (std::size_t i = 0; i < place.axes.image_axis.size() && i < world.size(); ++i) {
    const plan::LatticeAxis axis = lattice_axis(*place.image, level, place.axes, place.scene_axes, static_cast<int>(i));
    if (axis.image_axis < 0) continue;
    if (!covers(axis, world[i])) return std::nullopt;
    voxel[static_cast<std::size_t>(axis.image_axis)] = nearest_voxel(axis, world[i]);
  }
  if (!place.has_channel(level)) return std::nullopt;
  if (place.axes.channel_axis) voxel[static_cast<std::size_t>(*place.axes.channel_axis)] = place.axes.channel;
  return voxel;
}

Result<session::LayerProbe> probe_layer(const scene::LayerId& layer, const LayerPlace& place,
                                        std::span<const double> world, image::ChunkLoader& loader) {
  session::LayerProbe probe{.layer = layer, .voxel = {}, .value = {}};
  auto voxel = voxel_at(place, 0, world);
  if (!voxel) return probe;
  ND_ASSIGN(const image::Voxels seen, read_voxels(place.array(0), std::span(&*voxel, 1), chunks_of(place, 0, loader)));
  const image::DType dtype = place.array(0).dtype();
  probe.value = voxel_value(dtype, seen.bytes.data());
  probe.color = color_of(*place.image, dtype, seen.bytes.data());
  probe.voxel = *std::move(voxel);
  return probe;
}

}  // namespace ndcast::room
