#pragma once
// What somebody writes who wants a volume on the screen by tonight: a loop over pixels, a loop along the ray, eight
// voxels a sample, as the compiler likes it. No skipping, no vectors of our own. The same samples as ours.

#include "base/thread_pool.h"
#include "render/renderer.h"

namespace ndcast::bench {

/// Draws the only layer, a linear mip or translucent volume of uint8, over black; rows over the pool's threads.
void draw_plain(const render::FrameInput& input, ThreadPool& pool, render::Picture& out);

}  // namespace ndcast::bench
