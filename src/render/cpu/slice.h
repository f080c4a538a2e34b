#pragma once
// Slices on the CPU. Everything is axis-aligned, so columns and rows are prepared once a frame in double precision (the
// voxels are then exactly the reference's) and the work is one pass a row and layer: sample, look up, blend in 16 bits
// a component.

#include "base/thread_pool.h"
#include "render/renderer.h"

namespace ndcast::render {

/// Paints every pixel of `out`, which has the input's size. The frame has passed check_frame().
void draw_slices(const FrameInput& input, ThreadPool& pool, Picture& out);

}  // namespace ndcast::render
