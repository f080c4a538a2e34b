#pragma once
// The colour maps that users know by napari's names: what a layer's `colormap` control may say, what clients list, and
// the 256 colours that renderers look up.
//
//   if (const auto name = canonical_colormap(" Viridis ")) controls.colormap = *name;  // "viridis"
//   look.colors = std::make_shared<const ColorTable>(color_table(controls.colormap));

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace ndcast::scene {

/// 256 colours {red, green, blue}, sRGB; [0] at the lower contrast limit, [255] at the upper.
using ColorTable = std::array<std::array<std::uint8_t, 3>, 256>;

/// A named ramp: `stops` are 0xRRGGBB at equal distances over [0, 1], at least two; colours between them are linear in
/// sRGB values. A table built so is within 2/255 of the published one.
struct Colormap {
  std::string_view name;  ///< canonical spelling
  std::span<const std::uint32_t> stops;
};

/// The catalogue, in the order in which a menu shows it. Lives as long as the process.
std::span<const Colormap> colormaps();

/// The spelling that a register stores, or nothing for a text that names no colour map. Surrounding blanks and case are
/// ignored; "#RRGGBB" names the ramp from black to that colour and becomes lower case.
std::optional<std::string> canonical_colormap(std::string_view text);

/// The colours of a name that canonical_colormap() returned; any other text is a broken invariant.
ColorTable color_table(std::string_view canonical);

}  // namespace ndcast::scene
