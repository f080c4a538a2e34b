#pragma once
// How a voxel value becomes a colour and how a layer's colour meets what lies below: the semantics that every renderer
// shares, written once. They are napari's and VisPy's, so that users see what they know.
//
// Window: t = (v − low)/(high − low) held in [0, 1], then t^gamma. A window of no width shows values above `low` as 1
// and the others as 0. A value that is not finite is transparent.
// Colour: the table at 255·t^gamma, linear between its entries.
// Alpha: the layer's opacity for slices and for modes that show a value; front-to-back accumulation for translucent
// volumes (see slab_alpha). With an opacity curve, the opacity times the curve at the value.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "render/renderer.h"

namespace ndcast::render {

template <class Real>
using Rgb = std::array<Real, 3>;

/// Maps data units to [0, 1] before gamma. double: 64-bit voxels and narrow windows far from 0 need it.
class Window {
 public:
  explicit Window(const std::array<double, 2>& limits)
      : low_(limits[0]), per_unit_(limits[1] > limits[0] ? 1.0 / (limits[1] - limits[0]) : 0.0) {}

  double low() const { return low_; }
  /// 0 for a window of no width.
  double per_unit() const { return per_unit_; }
  /// The factor for voxels that are windowed as they are loaded: a window of no width shows its sign alone.
  double loading_per_unit() const { return per_unit_ == 0.0 ? 1.0 : per_unit_; }

  /// The value at a place in [0, 1].
  double value_at(double place) const { return per_unit_ == 0.0 ? low_ : low_ + place / per_unit_; }

  /// `value` is finite.
  double operator()(double value) const {
    if (per_unit_ == 0.0) return value > low_ ? 1.0 : 0.0;
    return std::clamp((value - low_) * per_unit_, 0.0, 1.0);
  }

 private:
  double low_;
  double per_unit_;
};

/// Shares of four neighbours in a value between the inner two, `t` in [0, 1] behind the second: cubic convolution with
/// a = −1/2 (Keys 1981), which is the Catmull-Rom spline. Exact at the voxels; may overshoot beside an edge.
template <class Real>
std::array<Real, 4> cubic_shares(Real t) {
  constexpr Real half = Real{1} / 2;
  return {((half * (2 - t)) * t - half) * t, ((3 * half) * t - 5 * half) * t * t + 1,
          ((2 - 3 * half * t) * t + half) * t, half * (t - 1) * t * t};
}

/// The colour in [0, 1] at `t` in [0, 1], which is windowed and raised to gamma.
template <class Real>
Rgb<Real> color_at(const ColorTable& table, Real t) {
  const Real position = t * Real{255};
  const auto below = std::min<std::size_t>(static_cast<std::size_t>(position), 254);
  const Real weight = position - static_cast<Real>(below);
  Rgb<Real> color;
  for (std::size_t i = 0; i < 3; ++i) {
    const Real from = table[below][i];
    const Real to = table[below + 1][i];
    color[i] = (from + (to - from) * weight) / Real{255};
  }
  return color;
}

/// Of a curve that is not empty.
inline double curve_at(const std::vector<std::array<double, 2>>& curve, double value) {
  const auto above = std::ranges::upper_bound(curve, value, {}, [](const auto& stop) { return stop[0]; });
  if (above == curve.begin()) return curve.front()[1];
  if (above == curve.end()) return curve.back()[1];
  const auto& below = *(above - 1);
  return below[1] + ((*above)[1] - below[1]) * (value - below[0]) / ((*above)[0] - below[0]);
}

/// What a shown value covers.
inline double opacity_at(const LayerLook& look, double value) {
  return look.opacity_curve.empty() ? look.opacity : look.opacity * curve_at(look.opacity_curve, value);
}

/// How dense a sample of a gathering mode is, before the layer's opacity: `shown` is the value's t^gamma.
inline double density_at(const LayerLook& look, double value, double shown) {
  return look.opacity_curve.empty() ? shown : curve_at(look.opacity_curve, value);
}

/// How a layer is blended; napari's modes after its rule for the lowest layer.
enum class BlendStep {
  Over,      ///< src·α + dst·(1 − α)
  Add,       ///< src·α + dst, held at 1
  Add0,      ///< src·α: additive as lowest layer does not add to the background
  Replace,   ///< src, whatever its α
  Minimum,   ///< min(src, dst), whatever α, as GL_MIN
  Maximum,   ///< max(src, dst), whatever α, as GL_MAX
  Multiply,  ///< src·dst, whatever α
};

/// Whether a mode of volumes gathers colour along the ray.
constexpr bool gathers(scene::Rendering rendering) {
  return rendering == scene::Rendering::Translucent || rendering == scene::Rendering::Additive;
}

/// What `blending` means for a layer. napari: the lowest visible layer would blend with the canvas, so there additive
/// leaves the canvas out, minimum replaces it, and every other mode is translucent.
/// translucent and translucent_no_depth are one: layers are composited in layer order, in 3D too.
/// `gathered`: of a volume that gathers colour along the ray, whose α says how much of it there is. Where it is clear
/// it changes nothing, in any blending; so opaque and the lowest additive one cover as translucent does.
constexpr BlendStep blend_step(scene::Blending blending, bool lowest, bool gathered = false) {
  using scene::Blending;
  if (gathered && (blending == Blending::Opaque || lowest)) return BlendStep::Over;
  switch (blending) {
    case Blending::Translucent:
    case Blending::TranslucentNoDepth:
    case Blending::Average:
      return BlendStep::Over;
    case Blending::Additive:
      return lowest ? BlendStep::Add0 : BlendStep::Add;
    case Blending::Opaque:
      return lowest ? BlendStep::Over : BlendStep::Replace;
    case Blending::Minimum:
      return lowest ? BlendStep::Replace : BlendStep::Minimum;
    case Blending::Maximum:
      return lowest ? BlendStep::Over : BlendStep::Maximum;
    case Blending::Multiplicative:
      return lowest ? BlendStep::Over : BlendStep::Multiply;
  }
  return BlendStep::Over;
}

/// What a layer's α is multiplied with before it is blended: 1 but for average, where layers are to weigh the same. The
/// n-th layer of that blending above the lowest covers 1/(n + 1) of what lies below, so that the lowest and n opaque
/// ones show their mean.
inline double blend_share(const FrameInput& input, const LayerInput& layer) {
  double averaged = 0;
  for (const LayerInput* upper = input.layers.data() + 1; upper <= &layer; ++upper) {
    if (upper->look.blending == scene::Blending::Average) ++averaged;
  }
  return layer.look.blending == scene::Blending::Average ? 1.0 / (averaged + 1.0) : 1.0;
}

/// The `source` of a gathered volume: it over what a step leaves as it is, so that a clear one changes nothing.
template <class Real>
Real gathered_source(BlendStep step, Real premultiplied, Real alpha) {
  const bool darkens = step == BlendStep::Minimum || step == BlendStep::Multiply;
  return darkens ? premultiplied + (Real{1} - alpha) : premultiplied;
}

/// One component. `premultiplied` is src·α, `source` is src or gathered_source().
template <class Real>
Real blend(BlendStep step, Real below, Real source, Real premultiplied, Real alpha) {
  switch (step) {
    case BlendStep::Over:
      return premultiplied + below * (Real{1} - alpha);
    case BlendStep::Add:
      return std::min(premultiplied + below, Real{1});
    case BlendStep::Add0:
      return premultiplied;
    case BlendStep::Replace:
      return source;
    case BlendStep::Minimum:
      return std::min(source, below);
    case BlendStep::Maximum:
      return std::max(source, below);
    case BlendStep::Multiply:
      return source * below;
  }
  return below;
}

/// What a layer puts into one pixel, as blend() takes it.
struct Contribution {
  Rgb<double> source{};  ///< not of what is gathered
  Rgb<double> premultiplied{};
  double alpha = 0;
  bool gathered = false;
};

inline Contribution covering(const Rgb<double>& color, double alpha) {
  Contribution result{.source = color, .alpha = alpha};
  for (std::size_t i = 0; i < 3; ++i) result.premultiplied[i] = color[i] * alpha;
  return result;
}

/// Opacity of a translucent volume. A sample is a slab of thickness `units` (LayerInput::unit) whose opacity per unit
/// is a = opacity·density, the density t^gamma, so its own is 1 − (1 − a)^units: the picture depends neither on the ray
/// step nor on the level. VisPy multiplies napari's opaque colour maps by no such ramp
/// and shows only the front face; the windowed value as density, and the opacity slider as its scale, is what users of
/// the mode expect. An opacity curve gives the density instead.
template <class Real>
Real slab_alpha(Real opacity, Real density, Real units) {
  return Real{1} - std::pow(Real{1} - opacity * density, units);
}

/// [0, 1] to 8 bits, to nearest.
template <class Real>
std::uint8_t to_byte(Real value) {
  return static_cast<std::uint8_t>(value * Real{255} + Real{0.5});
}

}  // namespace ndcast::render
