#pragma once
// One ray of one volume layer, by the book (ray_modes.h): the reference that other renderers are held to.

#include <optional>

#include "render/camera_math.h"
#include "render/reference/pixel.h"
#include "render/renderer.h"

namespace ndcast::render {

/// Nothing where the ray meets no finite sample, or (iso) no surface. `frame_step` is FrameInput::sample_step.
std::optional<Contribution> volume_pixel(const LayerInput& layer, const Ray& ray, double frame_step);

}  // namespace ndcast::render
