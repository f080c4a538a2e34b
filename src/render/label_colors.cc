#include "render/label_colors.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <type_traits>

namespace ndcast::render {
namespace {

/// Steele, Lea, Flood: Fast splittable pseudorandom number generators (2014), the mixing step of SplitMix64.
std::uint64_t mixed(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
  return x ^ x >> 31;
}

/// Hue, saturation and value in [0, 1] to 8 bits (Smith 1978).
LabelColors::Rgba from_hsv(double hue, double saturation, double value) {
  const auto part = [&](double shift) {
    const double place = std::fmod(hue * 6 + shift, 6);
    const double fall = std::clamp(std::min(place, 4 - place), 0.0, 1.0);
    return static_cast<std::uint8_t>(std::lround(255 * (value - value * saturation * fall)));
  };
  return {part(5), part(3), part(1), 255};
}

/// Hues a golden ratio apart never come close to those just before; bright enough for black, full enough for gray.
LabelColors::Rgba hashed_color(std::size_t entry) {
  const double i = static_cast<double>(entry);
  const double saturation = 0.5 + 0.45 * std::fmod(i * 0.7548776662466927, 1);
  const double value = 0.7 + 0.3 * std::fmod(i * 0.5698402909980532, 1);
  return from_hsv(std::fmod(i * 0.6180339887498949, 1), saturation, value);
}

}  // namespace

std::uint64_t label_at(image::DType dtype, const std::byte* voxel) {
  return image::visit_dtype(dtype, [&](auto zero) -> std::uint64_t {
    using T = decltype(zero);
    if constexpr (std::is_integral_v<T>) {
      T value;
      std::memcpy(&value, voxel, sizeof value);
      return static_cast<std::uint64_t>(static_cast<std::int64_t>(value));
    } else {
      return 0;
    }
  });
}

LabelColors::LabelColors(std::span<const image::LabelInfo::Color> given) {
  colors_.reserve(kHashed + 1 + given.size());
  for (std::size_t i = 0; i < kHashed; ++i) colors_.push_back(hashed_color(i));
  colors_.push_back({0, 0, 0, 0});
  std::vector<image::LabelInfo::Color> sorted(given.begin(), given.end());
  std::ranges::sort(sorted, {}, [](const auto& color) { return static_cast<std::uint64_t>(color.value); });
  for (const image::LabelInfo::Color& color : sorted) {
    given_.push_back(static_cast<std::uint64_t>(color.value));
    colors_.push_back(color.rgba);
  }
}

LabelColors LabelColors::showing_only(std::uint64_t label) const {
  LabelColors copy = *this;
  copy.only_ = label;
  return copy;
}

std::size_t LabelColors::entry_of(std::uint64_t label) const {
  if (only_ && label != *only_) return kHidden;
  const auto known = std::ranges::lower_bound(given_, label);
  if (known != given_.end() && *known == label) {
    return kHidden + 1 + static_cast<std::size_t>(known - given_.begin());
  }
  return label == 0 ? kHidden : mixed(label) % kHashed;
}

}  // namespace ndcast::render
