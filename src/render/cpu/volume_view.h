#pragma once
// What the CPU renderer prepares once a frame for each volume layer: the views that rays march through, and the tables
// that turn what they saw into colours. Stands below cpu/volume.cc.

#include <array>
#include <vector>

#include "render/cpu/look.h"
#include "render/cpu/volume_march.h"
#include "render/look.h"
#include "render/renderer.h"

namespace ndcast::render {

/// What the MarchView of a level points at.
struct LevelTables {
  std::vector<ColorAlpha> slabs;  ///< of modes that gather colour: one step, by place in kSlabEntries
  std::vector<float> curve;       ///< MarchView::curve
  std::vector<std::int32_t> curve_visible;
  std::vector<std::array<double, 4>> shown_in;  ///< MarchView::shown_in
};

/// A volume layer made ready for the frame. Neither moved nor copied once it is bound: `march` points into it.
struct VolumeLayerView {
  BlendStep step;
  float share;  ///< blend_share()
  const LayerLook* look;
  const LayerInput* labels;  ///< of a label image: rays go through label_pixel() and march() is not called
  Window data_window;
  bool fits_float;
  LoadedWindow window;
  LookIndex index;
  std::vector<ColorAlpha> colors;  ///< of modes that show a value: colour and opacity by LookIndex
  ColorAlpha surface;              ///< iso: before it is lit
  std::vector<MarchView> march;    ///< a level each, as LayerInput::volumes
  std::vector<LevelTables> tables;

  /// The value in data units that was loaded as `loaded`.
  double data_of(float loaded) const {
    const auto value = static_cast<double>(loaded);
    return fits_float ? value : data_window.low() + value / data_window.loading_per_unit();
  }
  /// Lets `march` point at the tables.
  void bind();
};

/// `layer` is one of `input.layers`, has a volume, and passed check_frame().
VolumeLayerView volume_layer_view(const LayerInput& layer, const FrameInput& input);

}  // namespace ndcast::render
