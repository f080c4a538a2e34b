#pragma once
// Made-up volumes in the manner of microscopy: curved fibres with soft edges over a noisy, not quite black ground.

#include <memory>

#include "base/thread_pool.h"
#include "render/renderer.h"

namespace ndcast::bench {

/// `size`³ voxels of uint8, the same for one size and density on every machine, with its cells. Fibres are 2 to 8
/// voxels thick whatever the size; `density` is about the share of voxels above kVisible.
std::shared_ptr<const render::VolumeLevel> fibres(int size, double density, ThreadPool& pool);

/// Values up to here are ground.
inline constexpr int kVisible = 30;
double visible_share(const render::VolumeLevel& volume);

}  // namespace ndcast::bench
