#pragma once
// A 2D picture and the loop that somebody writes who wants it by tonight.

#include <string>

#include "base/thread_pool.h"
#include "render/renderer.h"

namespace ndcast::bench {

struct NamedFrame {
  std::string name;
  render::FrameInput frame;
};

/// A slice of noise that fills a picture of this size, uint16, linear, additive, gamma 1 (of one channel of several
/// `gamma`), in 1 to 3 channels; `voxels_per_pixel` below 1 zooms in.
NamedFrame slice_frame(int width, int height, int channels, double voxels_per_pixel = 1.0, double gamma = 1.0);

/// Draws such a frame: a loop over pixels, one over channels, four voxels, window, gamma and colour table each; rows
/// over the pool's threads.
void draw_plain_slices(const render::FrameInput& input, ThreadPool& pool, render::Picture& out);

}  // namespace ndcast::bench
