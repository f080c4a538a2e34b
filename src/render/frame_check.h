#pragma once
// What every renderer asks of a frame before it touches a voxel.

#include "base/result.h"
#include "render/renderer.h"

namespace ndcast::render {

/// Errors: Limit (more than limits::kStillPixels), Unsupported (a blending, interpolation or rendering mode, by name),
/// Invalid (a size, pose or array that cannot be drawn, quoted).
Result<void> check_frame(const FrameInput& input);

}  // namespace ndcast::render
