#pragma once
// How the CPU renderer's frames get shorter with threads: wall-clock time beside an even share of what one thread
// takes.

#include <span>
#include <string>
#include <vector>

#include "bench/report.h"
#include "render/renderer.h"

namespace ndcast::bench {

struct NamedFrame {
  std::string name;
  render::FrameInput frame;
};

/// A row each frame and number of threads; the first number is what the others are held against.
std::vector<Row> scaling_rows(std::span<const NamedFrame> frames, std::span<const int> threads, int rounds);

/// A slice that fills a picture of this size, a voxel a pixel, in two channels.
NamedFrame slice_frame(int width, int height);

}  // namespace ndcast::bench
