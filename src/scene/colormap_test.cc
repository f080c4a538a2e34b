#include "scene/colormap.h"

#include <cstdlib>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace ndcast::scene {
namespace {

std::array<int, 3> parts(std::uint32_t rgb) {
  return {static_cast<int>(rgb >> 16), static_cast<int>(rgb >> 8 & 0xffU), static_cast<int>(rgb & 0xffU)};
}

struct Published {
  std::string_view name;
  std::array<std::uint32_t, 6> colors;  ///< at entries 0, 32, 77, 128, 200, 255
};

// From the published 256-entry tables and formulas, not from our stops.
TEST(Colormap, IsWithinTwoOfThePublishedTable) {
  constexpr std::array<std::size_t, 6> kEntries{0, 32, 77, 128, 200, 255};
  constexpr Published kPublished[] = {
      {"gray", {0x000000, 0x202020, 0x4d4d4d, 0x808080, 0xc8c8c8, 0xffffff}},
      {"gray_r", {0xffffff, 0xdfdfdf, 0xb2b2b2, 0x7f7f7f, 0x373737, 0x000000}},
      {"viridis", {0x440154, 0x472d7b, 0x34608d, 0x21918c, 0x70cf57, 0xfde725}},
      {"magma", {0x000004, 0x1d1147, 0x651a80, 0xb73779, 0xfd9869, 0xfcfdbf}},
      {"inferno", {0x000004, 0x210c4a, 0x6c186e, 0xbc3754, 0xfb9d07, 0xfcffa4}},
      {"plasma", {0x0d0887, 0x4c02a1, 0x910ea3, 0xcc4778, 0xfba139, 0xf0f921}},
      {"cividis", {0x00224e, 0x1a386f, 0x50576c, 0x7d7c78, 0xc4b468, 0xfee838}},
      {"turbo", {0x30123b, 0x466be3, 0x18d7ca, 0xa4fc3c, 0xf46617, 0x7a0403}},
      {"twilight", {0xe2d9e2, 0x93b4c6, 0x5f57b0, 0x301437, 0xbc6b59, 0xe2d9e2}},
      {"twilight_shifted", {0x301437, 0x5a2b90, 0x6e92c0, 0xe2d9e1, 0xa54350, 0x2f1436}},
      {"hsv", {0xff0000, 0xffbd00, 0x37ff00, 0x00fff6, 0xa100ff, 0xff0018}},
      {"PiYG", {0x8e0152, 0xcb3289, 0xf1b7da, 0xf7f7f6, 0x88c24c, 0x276419}},
      {"green", {0x000000, 0x002000, 0x004d00, 0x008000, 0x00c800, 0x00ff00}},
      {"magenta", {0x000000, 0x200020, 0x4d004d, 0x800080, 0xc800c8, 0xff00ff}},
      {"bop blue", {0x000000, 0x04161f, 0x0a344b, 0x10577c, 0x1988c3, 0x20adf8}},
      {"bop purple", {0x000000, 0x130413, 0x2d0a2d, 0x4a104a, 0x741974, 0x942094}},
      {"I Blue", {0xffffff, 0xdfe5f9, 0xb2c1f0, 0x7f99e5, 0x375fd7, 0x0033cc}},
      {"fire", {0xffffff, 0xfffec3, 0xfff87c, 0xffdf3f, 0xff840c, 0xff0000}},
      {"hot", {0x000000, 0x530000, 0xfa0000, 0xff8800, 0xffff4d, 0xffffff}},
      {"summer", {0x008066, 0x209066, 0x4da666, 0x80c066, 0xc8e366, 0xffff66}},
  };
  for (const Published& published : kPublished) {
    const ColorTable table = color_table(published.name);
    for (std::size_t i = 0; i < kEntries.size(); ++i) {
      for (std::size_t channel = 0; channel < 3; ++channel) {
        EXPECT_NEAR(table[kEntries[i]][channel], parts(published.colors[i])[channel], 2)
            << published.name << " entry " << kEntries[i] << " channel " << channel;
      }
    }
  }
}

TEST(Colormap, TablesBeginAndEndWithTheirOuterStops) {
  for (const Colormap& map : colormaps()) {
    ASSERT_GE(map.stops.size(), 2U) << map.name;
    const ColorTable table = color_table(map.name);
    for (std::size_t channel = 0; channel < 3; ++channel) {
      EXPECT_EQ(table.front()[channel], parts(map.stops.front())[channel]) << map.name;
      EXPECT_EQ(table.back()[channel], parts(map.stops.back())[channel]) << map.name;
    }
  }
}

TEST(Colormap, NamesAreFoundWhateverTheirCaseAndBlanks) {
  EXPECT_EQ(canonical_colormap("gray"), "gray");
  EXPECT_EQ(canonical_colormap("  ViRiDiS\n"), "viridis");
  EXPECT_EQ(canonical_colormap("i bordeaux"), "I Bordeaux");
  EXPECT_EQ(canonical_colormap("PIYG"), "PiYG");
  for (const std::string_view text : {"", "  ", "grey matter", "viridis2", "gray r"}) {
    EXPECT_FALSE(canonical_colormap(text).has_value()) << text;
  }
}

TEST(Colormap, NamesAreDistinctAndCanonical) {
  std::set<std::string> seen;
  for (const Colormap& map : colormaps()) {
    EXPECT_EQ(canonical_colormap(map.name), map.name);
    EXPECT_TRUE(seen.insert(std::string(map.name)).second) << map.name;
  }
}

TEST(Colormap, AColourNamesItsRampFromBlack) {
  EXPECT_EQ(canonical_colormap(" #FF8000 "), "#ff8000");
  for (const std::string_view text : {"#ff800", "#ff80000", "ff8000", "#ff80g0", "#"}) {
    EXPECT_FALSE(canonical_colormap(text).has_value()) << text;
  }
  const ColorTable table = color_table("#ff8000");
  EXPECT_EQ(table[0], (std::array<std::uint8_t, 3>{0, 0, 0}));
  EXPECT_EQ(table[51], (std::array<std::uint8_t, 3>{51, 26, 0}));
  EXPECT_EQ(table[255], (std::array<std::uint8_t, 3>{255, 128, 0}));
}

}  // namespace
}  // namespace ndcast::scene
