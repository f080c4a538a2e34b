#pragma once
// The images of bench/decode: one volume in 64 x 64 x 64 chunks of 16 bits, encoded by one codec and stored three ways.
// It is smooth with the noise of a camera (shot noise and read noise), as fluorescence stacks are.
//
//   FOLDER/v2       zarr v2, nested keys
//   FOLDER/v3       zarr v3, one object a chunk (the same bytes)
//   FOLDER/sharded  zarr v3, sharding_indexed, 256 inner chunks a shard, index at the end with crc32c

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

namespace ndcast::bench {

constexpr std::int64_t kChunkEdge = 64;
constexpr std::size_t kChunkVoxels = 64 * 64 * 64;
constexpr std::size_t kChunkBytes = 2 * kChunkVoxels;
/// Chunks along y and x; a layer is all chunks of one z.
constexpr std::int64_t kLayerEdge = 8;
constexpr std::size_t kLayerChunks = kLayerEdge * kLayerEdge;
/// A shard is so many layers: 256 chunks.
constexpr std::int64_t kShardLayers = 4;

enum class Codec { BloscLz4, BloscZstd, Zstd, Gzip, Raw };
constexpr Codec kCodecs[] = {Codec::BloscLz4, Codec::BloscZstd, Codec::Zstd, Codec::Gzip, Codec::Raw};
/// "blosc-lz4"
std::string_view name_of(Codec codec);

struct VolumeOnDisk {
  double ratio = 0;  ///< decoded to encoded bytes
  /// checks[n - 1]: of the first n layers, see check_of().
  std::vector<std::uint64_t> checks;
};

/// Sum over z of (z + 1) times the sum of plane z: wrong voxels and layers in wrong places show. `first_plane` is the z
/// of the chunk's first plane.
std::uint64_t check_of(std::span<const std::byte> chunk, std::int64_t first_plane);

/// Writes all three; `layers` is a multiple of kShardLayers.
VolumeOnDisk write_volume(const std::filesystem::path& folder, Codec codec, std::int64_t layers);

/// "3/0/7": where the n-th chunk in C order is in FOLDER/v2.
std::filesystem::path chunk_key(std::size_t n);

}  // namespace ndcast::bench
