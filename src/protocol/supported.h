#pragma once
// The words of the protocol that this server does. Capabilities print these lists and state.update refuses the rest
// with state.unsupported, so neither can promise what the other denies.

#include <algorithm>
#include <array>

#include "scene/types.h"

namespace ndcast::protocol {

inline constexpr std::array kSupportedBlending = {scene::Blending::Translucent, scene::Blending::Additive,
                                                  scene::Blending::Opaque, scene::Blending::Minimum};
inline constexpr std::array kSupportedInterpolation = {scene::Interpolation::Nearest, scene::Interpolation::Linear};
inline constexpr std::array kSupportedRendering = {scene::Rendering::Mip, scene::Rendering::Translucent};

constexpr bool is_supported(scene::Blending word) {
  return std::ranges::find(kSupportedBlending, word) != kSupportedBlending.end();
}
constexpr bool is_supported(scene::Interpolation word) {
  return std::ranges::find(kSupportedInterpolation, word) != kSupportedInterpolation.end();
}
constexpr bool is_supported(scene::Rendering word) {
  return std::ranges::find(kSupportedRendering, word) != kSupportedRendering.end();
}

}  // namespace ndcast::protocol
