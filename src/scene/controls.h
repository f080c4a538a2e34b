#pragma once
// Which key is which member: the one list that composing blocks, opening scenes and telling defaults go by.
//
//   for_each_control([&](Key key, auto member) { set(key, controls.*member); });

#include "scene/register.h"

namespace ndcast::scene {

/// Calls f(key, pointer to member of LayerControls) for each control of a layer.
template <class F>
void for_each_control(F&& f) {
  f(Key::Name, &LayerControls::name);
  f(Key::LayerOrder, &LayerControls::order);
  f(Key::Visible, &LayerControls::visible);
  f(Key::Opacity, &LayerControls::opacity);
  f(Key::BlendingMode, &LayerControls::blending);
  f(Key::InterpolationMode, &LayerControls::interpolation);
  f(Key::Gamma, &LayerControls::gamma);
  f(Key::ContrastLimits, &LayerControls::contrast_limits);
  f(Key::Colormap, &LayerControls::colormap);
  f(Key::RenderingMode, &LayerControls::rendering);
  f(Key::DepictionMode, &LayerControls::depiction);
  f(Key::Attenuation, &LayerControls::attenuation);
  f(Key::IsoThreshold, &LayerControls::iso_threshold);
  f(Key::Projection, &LayerControls::projection_mode);
  f(Key::CutPlane, &LayerControls::plane);
  f(Key::PlaneThickness, &LayerControls::plane_thickness);
  f(Key::SampleStep, &LayerControls::sample_step);
  f(Key::OpacityCurve, &LayerControls::opacity_curve);
  f(Key::Scale, &LayerControls::scale);
  f(Key::Translate, &LayerControls::translate);
  f(Key::ClipPlanes, &LayerControls::clip_planes);
  f(Key::Contour, &LayerControls::contour);
  f(Key::SelectedLabel, &LayerControls::selected_label);
  f(Key::ShowSelectedLabel, &LayerControls::show_selected_label);
}

/// Calls f(key, pointer to member of Settings) for each setting.
template <class F>
void for_each_setting(F&& f) {
  f(Key::FpsTarget, &Settings::fps_target);
  f(Key::Bitrate, &Settings::bitrate);
  f(Key::Quality, &Settings::quality);
  f(Key::RefineStill, &Settings::refine_still);
}

}  // namespace ndcast::scene
