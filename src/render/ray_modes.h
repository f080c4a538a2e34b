#pragma once
// What a ray shows of the samples that it meets (volume_rays.h): the rendering modes of volumes, once for every
// renderer. With v a finite sample, t its place in the contrast window held in [0, 1] before gamma, and ds a sample's
// length in LayerInput::unit:
//
//   mip            the largest v; minip the smallest; average the mean of v, weighted by ds
//   attenuated_mip the largest place in the window, each dimmed by what lies in front: u·exp(−attenuation·S), with u
//                  the place in the window not held at 1 (a value far above the window outshines what lies in front)
//                  and S = Σ t·ds over the samples before it
//   translucent    front to back, slabs of opacity slab_alpha()
//   additive       Σ colour·opacity·density·ds and Σ opacity·density·ds, each held at 1: light without shadow
//   iso            the first place where v reaches iso_threshold, in the threshold's colour, lit from the eye; between
//                  two samples of one level, else at the sample
//
// Those are VisPy's (vispy/visuals/volume.py), which napari draws with, but for this: VisPy's attenuated_mip counts the
// sample itself and takes 1 off again, so that a weak first sample is brighter than without attenuation; it attenuates
// the value rather than its place in the window, so that pictures change with the offset of the data; and its sums grow
// with the number of samples rather than with the way. Its additive screens opaque colours, 1 − Π(1 − colour), which
// any background saturates. Its iso steps ten times through the last interval where a straight line is as good.

#include <algorithm>
#include <cmath>

#include "render/look.h"

namespace ndcast::render {

/// Blinn–Phong with a white light at the eye (Blinn 1977): then the light, the view and the halfway vector are one, and
/// `facing` = |cos| of the angle between the normal and the ray says it all. A place without a gradient faces the eye.
inline constexpr double kAmbient = 0.25;
inline constexpr double kDiffuse = 0.75;
inline constexpr double kSpecular = 0.2;
inline constexpr double kShininess = 30;

template <class Real>
Rgb<Real> lit(const Rgb<Real>& color, Real facing) {
  const Real matte = static_cast<Real>(kAmbient) + static_cast<Real>(kDiffuse) * facing;
  const Real gloss = static_cast<Real>(kSpecular) * std::pow(facing, static_cast<Real>(kShininess));
  Rgb<Real> shown;
  for (std::size_t i = 0; i < 3; ++i) shown[i] = std::min(color[i] * matte + gloss, Real{1});
  return shown;
}

/// Where between two samples a straight line through their values reaches the threshold: 1 at the second, which is not
/// below it. `before` that is not finite, or is not below, gives the second.
template <class Real>
Real crossing(Real before, Real at, Real threshold) {
  if (!(before < threshold) || !std::isfinite(before)) return Real{1};
  return (threshold - before) / (at - before);
}

}  // namespace ndcast::render
