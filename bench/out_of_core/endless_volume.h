#pragma once
// An OME-Zarr image (0.4) as large as one likes: soft balls in the noise of a camera, 16 bits, a pyramid of factor 2,
// blosc-lz4 chunks of 64³ that compress to a little more than half.

#include <cstdint>
#include <filesystem>

namespace ndcast::bench {

struct EndlessVolume {
  std::int64_t bytes_on_disk = 0;
  double ratio = 0;  ///< decoded to encoded bytes
};

/// Writes `side`³ voxels, a multiple of 256, on all cores; what is there already is left as it is.
void write_endless(const std::filesystem::path& folder, std::int64_t side);
EndlessVolume measure_endless(const std::filesystem::path& folder, std::int64_t side);

}  // namespace ndcast::bench
