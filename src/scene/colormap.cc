#include "scene/colormap.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "base/check.h"

namespace ndcast::scene {
namespace {

// Sampled at equal distances from the published definitions, as few stops as keep every one of the 256 colours within
// 2/255: viridis, magma, inferno, plasma (Smith, van der Walt; CC0), cividis (Nuñez, Anderton, Renslow 2018), turbo
// (Mikhailov 2019), twilight (Bechtold; CC0), hsv (matplotlib), PiYG (ColorBrewer, its own 11 colours), the BOP
// and inverted ramps (ChrisLUTs), fire and hot (VisPy's formulas).
constexpr std::uint32_t kGray[] = {0x000000, 0xffffff};
constexpr std::uint32_t kGrayR[] = {0xffffff, 0x000000};
constexpr std::uint32_t kViridis[] = {0x440154, 0x471163, 0x481f71, 0x472d7b, 0x443a83, 0x404688, 0x3b528b,
                                      0x355d8d, 0x31688e, 0x2c728e, 0x287c8e, 0x24868e, 0x21908c, 0x1f9a8a,
                                      0x20a486, 0x28ae80, 0x35b779, 0x47c06f, 0x5dc963, 0x75d054, 0x8fd744,
                                      0xabdc32, 0xc7e020, 0xe3e418, 0xfde725};
constexpr std::uint32_t kMagma[] = {0x000004, 0x08061d, 0x160f3a, 0x29115b, 0x400f73, 0x56147d, 0x6b1c81,
                                    0x802582, 0x952c80, 0xab337c, 0xc13a76, 0xd6446d, 0xe85362, 0xf4685c,
                                    0xfa815f, 0xfd9a6a, 0xfeb37b, 0xfecc8f, 0xfde4a6, 0xfcfdbf};
constexpr std::uint32_t kInferno[] = {0x000004, 0x050416, 0x0f092c, 0x1d0c44, 0x2d0a59, 0x3f0966, 0x4f0d6c,
                                      0x5f136e, 0x6e186e, 0x7e1e6c, 0x8d2469, 0x9d2964, 0xac2f5d, 0xbb3755,
                                      0xc93f4b, 0xd64a40, 0xe15635, 0xea6429, 0xf2731d, 0xf78410, 0xfb9606,
                                      0xfca80d, 0xfbbb21, 0xf8cf39, 0xf3e257, 0xf2f27e, 0xfcffa4};
constexpr std::uint32_t kPlasma[] = {0x0d0887, 0x1f068e, 0x2d0594, 0x39049a, 0x44039e, 0x4f02a2, 0x5a01a5, 0x6400a7,
                                     0x6f00a8, 0x7902a8, 0x8305a7, 0x8c0ba5, 0x9612a1, 0x9f199c, 0xa72197, 0xaf2991,
                                     0xb7308b, 0xbe3885, 0xc53f7e, 0xcb4778, 0xd14e72, 0xd7566c, 0xdd5e66, 0xe26661,
                                     0xe76e5b, 0xeb7655, 0xef7e4f, 0xf3874a, 0xf69044, 0xf9993e, 0xfba238, 0xfdac33,
                                     0xfeb62d, 0xfdc129, 0xfdcb26, 0xfbd624, 0xf8e225, 0xf4ed27, 0xf0f921};
constexpr std::uint32_t kCividis[] = {
    0x00224e, 0x002655, 0x00295d, 0x002c65, 0x002f6d, 0x003271, 0x0e3570, 0x19386f, 0x213b6e, 0x283e6e,
    0x2e416d, 0x33446c, 0x38476c, 0x3d4a6c, 0x424e6c, 0x46516c, 0x4b546c, 0x4f576c, 0x535a6d, 0x575d6d,
    0x5b606e, 0x5f636f, 0x636670, 0x676a71, 0x6b6d72, 0x6f7073, 0x737374, 0x767676, 0x7a7a78, 0x7e7d78,
    0x828079, 0x878479, 0x8b8778, 0x8f8a78, 0x948e78, 0x989177, 0x9c9576, 0xa19875, 0xa59c74, 0xaa9f73,
    0xaea371, 0xb3a670, 0xb8aa6e, 0xbcae6c, 0xc1b26a, 0xc6b567, 0xcab965, 0xcfbd62, 0xd4c15f, 0xd9c55c,
    0xdec958, 0xe3cd54, 0xe8d14f, 0xedd54a, 0xf2da44, 0xf7de3d, 0xfce235, 0xfee838};
constexpr std::uint32_t kTurbo[] = {0x30123b, 0x3a2d7a, 0x4146ad, 0x465fd4, 0x4777ef, 0x448efe, 0x39a5fb, 0x29bbec,
                                    0x1ccfd5, 0x18e0bd, 0x25eca7, 0x40f68a, 0x62fc6b, 0x86ff50, 0xa3fd3c, 0xbbf534,
                                    0xd1e935, 0xe5d938, 0xf4c73a, 0xfcb336, 0xfe9b2d, 0xfb8022, 0xf46516, 0xe94d0d,
                                    0xda3907, 0xc82903, 0xb21a01, 0x980e01, 0x7a0403};
constexpr std::uint32_t kTwilight[] = {0xe2d9e2, 0xd2d5db, 0xb7c9d0, 0x9ab9c8, 0x82a7c3, 0x7094c0, 0x6580bd,
                                       0x606ab7, 0x5e53ae, 0x5d3b9f, 0x572588, 0x4b1668, 0x3b114a, 0x301437,
                                       0x3e113c, 0x551546, 0x6e1c4e, 0x872750, 0x9b3850, 0xab4c50, 0xb86255,
                                       0xc27a61, 0xc89275, 0xceaa91, 0xd5c0b2, 0xded1d1, 0xe2d9e2};
constexpr std::uint32_t kTwilightShifted[] = {0x301437, 0x3d114d, 0x4e186f, 0x5a2b90, 0x5e45a6, 0x5f5eb3, 0x6276bb,
                                              0x6b8dbf, 0x7ca2c2, 0x95b5c7, 0xb4c7cf, 0xd2d5da, 0xe2d9e2, 0xddcfce,
                                              0xd3bbab, 0xcca388, 0xc6896c, 0xbe6f5b, 0xb25652, 0xa13f50, 0x8d2b50,
                                              0x731e4f, 0x571647, 0x3e113c, 0x2f1436};
constexpr std::uint32_t kHsv[] = {
    0xff0000, 0xff1a00, 0xff3500, 0xff4f00, 0xff6a00, 0xff8400, 0xff9f00, 0xffb900, 0xffd300, 0xffee00,
    0xf5fe00, 0xdbff00, 0xc1ff00, 0xa7ff00, 0x8cff00, 0x72ff00, 0x57ff00, 0x3dff00, 0x22ff00, 0x08ff00,
    0x00ff13, 0x00ff2d, 0x00ff47, 0x00ff62, 0x00ff7c, 0x00ff97, 0x00ffb1, 0x00ffcb, 0x00ffe6, 0x00fdfe,
    0x00e3ff, 0x00c9ff, 0x00aeff, 0x0094ff, 0x007aff, 0x005fff, 0x0045ff, 0x002aff, 0x0010ff, 0x0b00ff,
    0x2500ff, 0x3f00ff, 0x5a00ff, 0x7400ff, 0x8f00ff, 0xa900ff, 0xc300ff, 0xde00ff, 0xf700fe, 0xff00eb,
    0xff00d1, 0xff00b6, 0xff009c, 0xff0082, 0xff0067, 0xff004d, 0xff0032, 0xff0018};
constexpr std::uint32_t kPiYG[] = {0x8e0152, 0xc51c7d, 0xde77ae, 0xf1b6da, 0xfde0ef, 0xf7f7f7,
                                   0xe6f5d0, 0xb8e186, 0x7fbc41, 0x4d9221, 0x276419};
constexpr std::uint32_t kRed[] = {0x000000, 0xff0000};
constexpr std::uint32_t kGreen[] = {0x000000, 0x00ff00};
constexpr std::uint32_t kBlue[] = {0x000000, 0x0000ff};
constexpr std::uint32_t kCyan[] = {0x000000, 0x00ffff};
constexpr std::uint32_t kMagenta[] = {0x000000, 0xff00ff};
constexpr std::uint32_t kYellow[] = {0x000000, 0xffff00};
constexpr std::uint32_t kBopBlue[] = {0x000000, 0x20adf8};
constexpr std::uint32_t kBopOrange[] = {0x000000, 0xf8ad20};
constexpr std::uint32_t kBopPurple[] = {0x000000, 0x942094};
constexpr std::uint32_t kIBlue[] = {0xffffff, 0x0033cc};
constexpr std::uint32_t kIBordeaux[] = {0xffffff, 0xcc0033};
constexpr std::uint32_t kIForest[] = {0xffffff, 0x009900};
constexpr std::uint32_t kIOrange[] = {0xffffff, 0xff7500};
constexpr std::uint32_t kIPurple[] = {0xffffff, 0x7500ff};
constexpr std::uint32_t kFire[] = {0xffffff, 0xffffc9, 0xfffc9a, 0xfff671, 0xffe94f,
                                   0xffd332, 0xffb31c, 0xff870d, 0xff4c03, 0xff0000};
constexpr std::uint32_t kHot[] = {0x000000, 0x080000, 0x1d0000, 0x3b0000, 0x600000, 0x880000, 0xaf0000, 0xd20000,
                                  0xed0000, 0xfc0000, 0xff0200, 0xff0f00, 0xff2900, 0xff4b00, 0xff7100, 0xff9900,
                                  0xffbf00, 0xffde00, 0xfff500, 0xffff00, 0xffff05, 0xffff18, 0xffff34, 0xffff57,
                                  0xffff7d, 0xffffa3, 0xffffc7, 0xffffe4, 0xfffff8, 0xffffff};
constexpr std::uint32_t kIce[] = {0x0000ff, 0xffffff};
constexpr std::uint32_t kCool[] = {0x00ffff, 0xff00ff};
constexpr std::uint32_t kSpring[] = {0xff00ff, 0xffff00};
constexpr std::uint32_t kSummer[] = {0x008066, 0xffff66};
constexpr std::uint32_t kAutumn[] = {0xff0000, 0xffff00};
constexpr std::uint32_t kReds[] = {0xffffff, 0xff0000};
constexpr std::uint32_t kGreens[] = {0xffffff, 0x00ff00};
constexpr std::uint32_t kBlues[] = {0xffffff, 0x0000ff};

constexpr Colormap kCatalogue[] = {
    {"gray", kGray},
    {"gray_r", kGrayR},
    {"viridis", kViridis},
    {"magma", kMagma},
    {"inferno", kInferno},
    {"plasma", kPlasma},
    {"cividis", kCividis},
    {"turbo", kTurbo},
    {"twilight", kTwilight},
    {"twilight_shifted", kTwilightShifted},
    {"hsv", kHsv},
    {"PiYG", kPiYG},
    {"red", kRed},
    {"green", kGreen},
    {"blue", kBlue},
    {"cyan", kCyan},
    {"magenta", kMagenta},
    {"yellow", kYellow},
    {"bop blue", kBopBlue},
    {"bop orange", kBopOrange},
    {"bop purple", kBopPurple},
    {"I Blue", kIBlue},
    {"I Bordeaux", kIBordeaux},
    {"I Forest", kIForest},
    {"I Orange", kIOrange},
    {"I Purple", kIPurple},
    {"fire", kFire},
    {"hot", kHot},
    {"ice", kIce},
    {"cool", kCool},
    {"spring", kSpring},
    {"summer", kSummer},
    {"autumn", kAutumn},
    {"reds", kReds},
    {"greens", kGreens},
    {"blues", kBlues},
};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_word(std::string_view a, std::string_view b) { return std::ranges::equal(a, b, {}, lower, lower); }

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n\f\v";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

const Colormap* find_colormap(std::string_view name) {
  const auto* const found =
      std::ranges::find_if(kCatalogue, [&](const Colormap& map) { return same_word(map.name, name); });
  return found == std::end(kCatalogue) ? nullptr : found;
}

/// 0xRRGGBB of "#rrggbb", either case.
std::optional<std::uint32_t> hex_color(std::string_view text) {
  if (text.size() != 7 || text[0] != '#') return std::nullopt;
  std::uint32_t rgb = 0;
  for (const char digit : text.substr(1)) {
    const std::size_t value = std::string_view("0123456789abcdef").find(lower(digit));
    if (value == std::string_view::npos) return std::nullopt;
    rgb = rgb * 16 + static_cast<std::uint32_t>(value);
  }
  return rgb;
}

ColorTable table_of(std::span<const std::uint32_t> stops) {
  ColorTable table{};
  const double last = static_cast<double>(stops.size() - 1);
  for (std::size_t i = 0; i < table.size(); ++i) {
    const double position = static_cast<double>(i) / 255.0 * last;
    const std::size_t below = std::min(static_cast<std::size_t>(position), stops.size() - 2);
    const double weight = position - static_cast<double>(below);
    for (std::size_t channel = 0; channel < 3; ++channel) {
      const std::size_t shift = 16 - 8 * channel;
      const double from = (stops[below] >> shift) & 0xffU;
      const double to = (stops[below + 1] >> shift) & 0xffU;
      table[i][channel] = static_cast<std::uint8_t>(std::lround(from + (to - from) * weight));
    }
  }
  return table;
}

}  // namespace

std::span<const Colormap> colormaps() { return kCatalogue; }

std::optional<std::string> canonical_colormap(std::string_view text) {
  const std::string_view word = trimmed(text);
  if (const Colormap* map = find_colormap(word)) return std::string(map->name);
  if (!hex_color(word)) return std::nullopt;
  std::string name(word);
  std::ranges::transform(name, name.begin(), lower);
  return name;
}

ColorTable color_table(std::string_view canonical) {
  if (const Colormap* map = find_colormap(canonical)) return table_of(map->stops);
  const std::optional<std::uint32_t> color = hex_color(canonical);
  ND_CHECK(color.has_value(), canonical);
  const std::array<std::uint32_t, 2> ramp{0x000000, *color};
  return table_of(ramp);
}

}  // namespace ndcast::scene
