#pragma once
// Volumes of uint8, or wider for the same values: made-up ones in the manner of microscopy, curved fibres with soft
// edges over a noisy, not quite black ground, and one from a microscope.

#include <cstdint>
#include <memory>
#include <string>

#include "base/thread_pool.h"
#include "render/renderer.h"

namespace ndcast::bench {

/// `size`³ voxels of uint8, the same for one size and density on every machine, with its cells. Fibres are 2 to 8
/// voxels thick whatever the size; `density` is about the share of voxels above kVisible.
std::shared_ptr<const render::VolumeLevel> fibres(int size, double density, ThreadPool& pool);

/// Channel `channel` of the level `level` of an image with a channel axis and three of space; [0, high] becomes
/// [0, 255], and its voxels cubes of side 1.
std::shared_ptr<const render::VolumeLevel> from_image(const std::string& uri, std::size_t level, std::int64_t channel,
                                                      double high, ThreadPool& pool);

/// The same volume of uint8 with each voxel as a uint16 or float32, with its cells.
std::shared_ptr<const render::VolumeLevel> widened(const render::VolumeLevel& volume, image::DType dtype,
                                                   ThreadPool& pool);

/// Values up to here are ground.
inline constexpr int kVisible = 30;
double visible_share(const render::VolumeLevel& volume);

}  // namespace ndcast::bench
