#pragma once
// How the CPU renderer's frames get shorter with threads: wall-clock time beside an even share of what one thread
// takes.

#include <span>
#include <vector>

#include "bench/render/slices.h"
#include "bench/report.h"

namespace ndcast::bench {

/// A row each frame and number of threads; the first number is what the others are held against.
std::vector<Row> scaling_rows(std::span<const NamedFrame> frames, std::span<const int> threads, int rounds);

}  // namespace ndcast::bench
