#pragma once
// What no ray caster of trilinear samples can be faster than here without skipping: a loop that only loads the voxels.

#include <cstdint>

#include "base/thread_pool.h"
#include "render/renderer.h"

namespace ndcast::bench {

/// Samples that the rays of a frame of one volume have, rests included.
std::int64_t samples_of(const render::FrameInput& frame);

/// Nanoseconds of one of `pool`'s threads a sample: four loads of two neighbouring voxels (uint8), at places that move
/// through the volume as those of sixteen neighbouring rays do, added up. All threads at once.
double load_ns(const render::VolumeLevel& volume, ThreadPool& pool, std::size_t threads);

}  // namespace ndcast::bench
