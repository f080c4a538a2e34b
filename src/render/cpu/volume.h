#pragma once
// Volumes on the CPU: one ray a pixel in single precision, tiles of 32 × 32 pixels over the pool. Cells of VolumeLevel
// that cannot change the pixel are skipped, a mip ray stops at the upper contrast limit, a translucent one when what
// lies behind can no longer be seen.

#include "base/thread_pool.h"
#include "render/renderer.h"

namespace ndcast::render {

/// Paints every pixel of `out`, which has the input's size; false when it was cancelled before that. The frame has
/// passed check_frame().
bool draw_volumes(const FrameInput& input, ThreadPool& pool, Picture& out);

}  // namespace ndcast::render
