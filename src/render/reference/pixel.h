#pragma once
// What the reference renderer's slices and volumes share: how values between voxels come about, in scalar
// double precision.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>

#include "render/look.h"

namespace ndcast::render {

/// t^gamma of a finite value.
inline double windowed(const LayerLook& look, double value) {
  return std::pow(Window(look.contrast_limits)(value), look.gamma);
}

/// The one or two voxels along an axis that a sample is made of: (1 − weight)·at[0] + weight·at[1].
struct Neighbours {
  std::array<std::int64_t, 2> at;
  double weight;
};

/// `position` in voxels, in [−0.5, size − 0.5]. Half a voxel outside the outer centres linear is held at the border.
inline Neighbours neighbours_of(double position, std::int64_t size, scene::Interpolation interpolation) {
  if (interpolation == scene::Interpolation::Nearest) {
    const auto voxel = std::clamp<std::int64_t>(static_cast<std::int64_t>(std::floor(position + 0.5)), 0, size - 1);
    return {{voxel, voxel}, 0.0};
  }
  const double inside = std::clamp(position, 0.0, static_cast<double>(size - 1));
  const auto below = std::min(static_cast<std::int64_t>(inside), std::max<std::int64_t>(size - 2, 0));
  return {{below, std::min(below + 1, size - 1)}, inside - static_cast<double>(below)};
}

/// The voxels along an axis that a sample of a slice is made of, each with its share.
struct Taps {
  std::array<std::int64_t, 4> at{};
  std::array<double, 4> share{};
  std::size_t count = 0;
};

/// As neighbours_of(); cubic takes the voxels beyond these in too, held at the border.
inline Taps taps_of(double position, std::int64_t size, scene::Interpolation interpolation) {
  const Neighbours nearest = neighbours_of(position, size, interpolation);
  const auto& [below, above] = nearest.at;
  if (interpolation == scene::Interpolation::Nearest) return {{below}, {1.0}, 1};
  if (interpolation == scene::Interpolation::Linear) return {{below, above}, {1.0 - nearest.weight, nearest.weight}, 2};
  return {{std::max<std::int64_t>(below - 1, 0), below, above, std::min(below + 2, size - 1)},
          cubic_shares(nearest.weight),
          4};
}

inline double mix(double a, double b, double weight) { return a + (b - a) * weight; }

}  // namespace ndcast::render
