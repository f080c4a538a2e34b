#pragma once
// One ray of a label volume: the first object on its way, lit from the eye (napari's iso_categorical). Every rendering
// mode shows labels so. Renderers share this one function, so that they agree to the bit; the fast one skips cells that
// hold no object.

#include <optional>

#include "render/camera_math.h"
#include "render/look.h"
#include "render/renderer.h"

namespace ndcast::render {

/// Nothing where the ray meets no object that is shown. The layer has labels, and a volume of integers. `frame_step` is
/// FrameInput::sample_step.
std::optional<Contribution> label_pixel(const LayerInput& layer, const Ray& ray, double frame_step, bool skip_cells);

}  // namespace ndcast::render
