#pragma once
// A layer's look made ready for the CPU renderer's inner loops: how voxels become floats, and how floats become an
// index into a table of colours.

#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "image/dtype.h"
#include "render/look.h"

namespace ndcast::render {

/// Types whose every value a float holds exactly. The others are windowed in double precision as they are loaded, so
/// that a narrow window far from 0 keeps its steps.
template <class T>
inline constexpr bool kFitsFloat = sizeof(T) <= 2 || std::is_same_v<T, float>;

/// True for types that can hold values that are not finite.
template <class T>
inline constexpr bool kMayBeTransparent = !std::is_integral_v<T>;

inline bool is_finite(float value) { return value - value == 0.0F; }

/// A value in data units as VoxelLoader loads it.
inline double as_loaded(const Window& window, bool fits_float, double value) {
  return fits_float ? value : (value - window.low()) * window.loading_per_unit();
}

/// From a voxel to the float that the renderer interpolates and compares: its value, or its place in the window.
/// Both are monotone and (nearly) linear in the value, so that maxima and means mean the same.
template <class T>
class VoxelLoader {
 public:
  explicit VoxelLoader(const Window& window) : VoxelLoader(window.low(), window.loading_per_unit()) {}
  VoxelLoader(double low, double per_unit) : low_(low), per_unit_(per_unit) {}

  float operator()(T voxel) const {
    if constexpr (kFitsFloat<T>) {
      return static_cast<float>(voxel);
    } else {
      return static_cast<float>((static_cast<double>(voxel) - low_) * per_unit_);
    }
  }

 private:
  double low_;
  double per_unit_;
};

/// From a loaded float to t in [0, 1] before gamma.
class LoadedWindow {
 public:
  LoadedWindow(const Window& window, bool voxels_fit_float) {
    if (window.per_unit() == 0) {
      per_unit_ = std::numeric_limits<float>::infinity();
      low_ = voxels_fit_float ? float_below(window.low()) : 0.0F;
      high_ = std::nextafter(low_, per_unit_);
    } else if (voxels_fit_float) {
      low_ = float_below(window.low());
      per_unit_ = static_cast<float>(window.per_unit());
      high_ = static_cast<float>(window.low() + 1.0 / window.per_unit());
    }
  }

  /// Loaded values up to here have t = 0.
  float low() const { return low_; }
  /// Loaded values from here on have t = 1.
  float high() const { return high_; }
  /// Infinite for a window of no width.
  float per_unit() const { return per_unit_; }
  float operator()(float loaded) const {
    const float t = (loaded - low_) * per_unit_;
    // In this order, so that 0 · infinity of a window of no width is 0.
    return t > 0.0F ? (t < 1.0F ? t : 1.0F) : 0.0F;
  }

 private:
  static float float_below(double value) {
    const auto nearest = static_cast<float>(value);
    return static_cast<double>(nearest) > value ? std::nextafter(nearest, -std::numeric_limits<float>::infinity())
                                                : nearest;
  }

  float low_ = 0.0F;
  float high_ = 1.0F;
  float per_unit_ = 1.0F;
};

/// Entries of a table of colours. At 4096 a step is 1/16 of a step of the colour table.
inline constexpr int kLookEntries = 4096;

/// Which table entry shows t. Below gamma 1 the curve t^gamma is steep at 0 (at gamma 0.2 the first of 4096 even steps
/// is 48/255 high), so the table then runs over the fourth root of t.
class LookIndex {
 public:
  explicit LookIndex(double gamma) : rooted_(gamma < 1), gamma_(gamma) {}

  bool rooted() const { return rooted_; }
  /// The entry of `t` in [0, 1] in a table of kLookEntries.
  std::int32_t operator()(float t) const {
    const float place = rooted_ ? std::sqrt(std::sqrt(t)) : t;
    return static_cast<std::int32_t>(place * static_cast<float>(kLookEntries - 1) + 0.5F);
  }
  /// t^gamma at an entry of a table of `entries`.
  double shown_at(int entry, int entries) const {
    const double place = static_cast<double>(entry) / (entries - 1);
    const double exponent = rooted_ ? 4 * gamma_ : gamma_;
    return exponent == 1 ? place : std::pow(place, exponent);
  }

 private:
  bool rooted_;
  double gamma_;
};

}  // namespace ndcast::render
