#include "room/layer_probe.h"

#include <cmath>
#include <cstring>
#include <type_traits>

#include <fmt/format.h>

#include "image/read_region.h"
#include "render/label_colors.h"

namespace ndcast::room {
namespace {

Json json_of_double(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return value;
}

Json value_of(image::DType dtype, std::span<const std::byte> voxel) {
  return image::visit_dtype(dtype, [&](auto zero) -> Json {
    using T = decltype(zero);
    T value;
    std::memcpy(&value, voxel.data(), sizeof(T));
    if constexpr (std::is_same_v<T, image::Half> || std::is_same_v<T, float>) {
      return json_of_double(static_cast<double>(static_cast<float>(value)));
    } else if constexpr (std::is_same_v<T, double>) {
      return json_of_double(value);
    } else if constexpr (std::is_signed_v<T>) {
      return static_cast<std::int64_t>(value);
    } else {
      return static_cast<std::uint64_t>(value);
    }
  });
}

/// The colour that pictures give an object; "" where there is none.
std::string color_of(const image::Image& image, image::DType dtype, std::span<const std::byte> voxel) {
  if (!image.is_label || image::is_floating(dtype)) return {};
  const render::LabelColors colors = image.label ? render::LabelColors(image.label->colors) : render::LabelColors();
  const std::uint64_t label = render::label_at(dtype, voxel.data());
  if (!colors.shows(label)) return {};
  const auto [red, green, blue, alpha] = colors.colors()[colors.entry_of(label)];
  return fmt::format("#{:02x}{:02x}{:02x}", red, green, blue);
}

/// Where the place is along an axis, in voxels: voxel i covers [i − ½, i + ½).
bool covers(const plan::LatticeAxis& axis, double world) {
  const double at = (world - axis.origin) / axis.step;
  return at >= -0.5 && at < static_cast<double>(axis.size) - 0.5;
}

}  // namespace

Result<session::LayerProbe> probe_layer(const scene::LayerId& layer, const LayerPlace& place,
                                        std::span<const double> world, image::ChunkLoader& loader) {
  session::LayerProbe probe{.layer = layer, .voxel = {}, .value = {}};
  const image::Image& image = *place.image;
  const image::ZarrArray& array = *image.levels.front().array;
  std::vector<std::int64_t> voxel(array.shape().size(), 0);
  for (std::size_t i = 0; i < place.axes.image_axis.size() && i < world.size(); ++i) {
    const plan::LatticeAxis axis = lattice_axis(image, 0, place.axes, place.scene_axes, static_cast<int>(i));
    if (axis.image_axis < 0) continue;
    if (!covers(axis, world[i])) return probe;
    voxel[static_cast<std::size_t>(axis.image_axis)] = nearest_voxel(axis, world[i]);
  }
  if (place.axes.channel_axis) voxel[static_cast<std::size_t>(*place.axes.channel_axis)] = place.axes.channel;
  const std::vector<std::int64_t> one(voxel.size(), 1);
  ND_ASSIGN(const image::Bytes bytes, read_region(array, voxel, one, [&](std::span<const std::int64_t> chunk) {
              return loader.load_now(array, chunk);
            }));
  probe.value = value_of(array.dtype(), std::as_bytes(std::span(bytes)));
  probe.color = color_of(image, array.dtype(), std::as_bytes(std::span(bytes)));
  probe.voxel = std::move(voxel);
  return probe;
}

}  // namespace ndcast::room
