#include "bench/decode/volume.h"

#include <atomic>
#include <cmath>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <thread>

#include <blosc.h>
#include <fmt/format.h>
#include <libdeflate.h>
#include <unistd.h>
#include <zstd.h>

#include "bench/camera_noise.h"
#include "image/codecs/crc32c.h"

namespace ndcast::bench {
namespace {

namespace fs = std::filesystem;

using Bytes = std::vector<std::byte>;

struct CodecTexts {
  std::string_view name;
  std::string_view v2;  ///< .zarray "compressor"
  std::string_view v3;  ///< behind "bytes" in "codecs"
};

constexpr CodecTexts kTexts[] = {
    {"blosc-lz4", R"({"id": "blosc", "cname": "lz4", "clevel": 5, "shuffle": 1, "blocksize": 0})",
     R"(, {"name": "blosc", "configuration": {"cname": "lz4", "clevel": 5, "shuffle": "shuffle", "typesize": 2, "blocksize": 0}})"},
    {"blosc-zstd", R"({"id": "blosc", "cname": "zstd", "clevel": 5, "shuffle": 1, "blocksize": 0})",
     R"(, {"name": "blosc", "configuration": {"cname": "zstd", "clevel": 5, "shuffle": "shuffle", "typesize": 2, "blocksize": 0}})"},
    {"zstd", R"({"id": "zstd", "level": 3})",
     R"(, {"name": "zstd", "configuration": {"level": 3, "checksum": false}})"},
    {"gzip", R"({"id": "gzip", "level": 5})", R"(, {"name": "gzip", "configuration": {"level": 5}})"},
    {"raw", "null", ""},
};

const CodecTexts& texts_of(Codec codec) { return kTexts[static_cast<std::size_t>(codec)]; }

/// 100 to 900 photo-electrons over an offset of 100, as a camera counts them.
Bytes chunk_at(std::size_t n) {
  const auto z0 = static_cast<double>(n / kLayerChunks) * kChunkEdge;
  const auto y0 = static_cast<double>(n / kLayerEdge % kLayerEdge) * kChunkEdge;
  const auto x0 = static_cast<double>(n % kLayerEdge) * kChunkEdge;
  const std::vector<float>& grains = camera_noise();
  std::size_t grain = n * 1'000'003 % grains.size();
  double along_x[kChunkEdge];
  for (int x = 0; x < kChunkEdge; ++x) along_x[x] = std::sin((x0 + x) * 0.031);
  Bytes out(kChunkBytes);
  auto* voxel = reinterpret_cast<std::uint16_t*>(out.data());
  for (int z = 0; z < kChunkEdge; ++z) {
    for (int y = 0; y < kChunkEdge; ++y) {
      const double row = std::sin((y0 + y) * 0.043) * std::cos((z0 + z) * 0.027);
      for (int x = 0; x < kChunkEdge; ++x) {
        const double photons = 500 + 400 * row * along_x[x];
        const double value = 100 + 0.25 * (photons + std::sqrt(photons) * static_cast<double>(grains[grain]));
        grain = grain + 1 == grains.size() ? 0 : grain + 1;
        *voxel++ = static_cast<std::uint16_t>(value);
      }
    }
  }
  return out;
}

Bytes encode(Codec codec, const Bytes& chunk) {
  Bytes out(chunk.size() + 65'536);
  std::size_t size = 0;
  switch (codec) {
    case Codec::BloscLz4:
    case Codec::BloscZstd:
      size = static_cast<std::size_t>(blosc_compress_ctx(5, BLOSC_SHUFFLE, 2, chunk.size(), chunk.data(), out.data(),
                                                         out.size(), codec == Codec::BloscLz4 ? "lz4" : "zstd", 0, 1));
      break;
    case Codec::Zstd:
      size = ZSTD_compress(out.data(), out.size(), chunk.data(), chunk.size(), 3);
      break;
    case Codec::Gzip: {
      libdeflate_compressor* compressor = libdeflate_alloc_compressor(5);
      size = libdeflate_gzip_compress(compressor, chunk.data(), chunk.size(), out.data(), out.size());
      libdeflate_free_compressor(compressor);
      break;
    }
    case Codec::Raw:
      return chunk;
  }
  out.resize(size);
  return out;
}

void write_file(const fs::path& path, std::span<const std::byte> bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!file) throw std::runtime_error(path.string() + " cannot be written");
}

void write_text(const fs::path& path, const std::string& text) {
  write_file(path, std::as_bytes(std::span(text.data(), text.size())));
}

std::string v3_document(std::int64_t layers, std::int64_t chunk_layers, std::int64_t chunk_edge,
                        const std::string& codecs) {
  return fmt::format(
      R"({{"zarr_format": 3, "node_type": "array", "shape": [{}, 512, 512], "data_type": "uint16", "fill_value": 0,
"chunk_grid": {{"name": "regular", "configuration": {{"chunk_shape": [{}, {}, {}]}}}},
"chunk_key_encoding": {{"name": "default", "configuration": {{"separator": "/"}}}}, "attributes": {{}}, "codecs": [{}]}})",
      layers * kChunkEdge, chunk_layers * kChunkEdge, chunk_edge, chunk_edge, codecs);
}

void write_documents(const fs::path& folder, Codec codec, std::int64_t layers) {
  const std::string_view little = R"({"name": "bytes", "configuration": {"endian": "little"}})";
  const std::string inner = fmt::format("{}{}", little, texts_of(codec).v3);
  write_text(folder / "v2/.zarray",
             fmt::format(R"({{"zarr_format": 2, "shape": [{}, 512, 512], "chunks": [64, 64, 64], "dtype": "<u2",
"compressor": {}, "fill_value": 0, "order": "C", "filters": null, "dimension_separator": "/"}})",
                         layers * kChunkEdge, texts_of(codec).v2));
  write_text(folder / "v3/zarr.json", v3_document(layers, 1, kChunkEdge, inner));
  const std::string sharding = fmt::format(
      R"({{"name": "sharding_indexed", "configuration": {{"chunk_shape": [64, 64, 64], "codecs": [{}],
"index_codecs": [{}, {{"name": "crc32c"}}], "index_location": "end"}}}})",
      inner, little);
  write_text(folder / "sharded/zarr.json", v3_document(layers, kShardLayers, kLayerEdge * kChunkEdge, sharding));
}

/// The chunks that FOLDER/v2 holds, one behind the other, and their index.
void write_shard(const fs::path& folder, std::int64_t shard) {
  constexpr std::size_t kChunks = kShardLayers * kLayerChunks;
  Bytes out;
  std::vector<std::uint64_t> index;
  for (std::size_t i = 0; i < kChunks; ++i) {
    std::ifstream file(folder / "v2" / chunk_key(static_cast<std::size_t>(shard) * kChunks + i), std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
    index.push_back(out.size());
    index.push_back(bytes.size());
    const auto stored = std::as_bytes(std::span(bytes));
    out.insert(out.end(), stored.begin(), stored.end());
  }
  const auto words = std::as_bytes(std::span(index));
  const std::uint32_t sum = image::crc32c(words);
  out.insert(out.end(), words.begin(), words.end());
  const auto sum_bytes = std::as_bytes(std::span(&sum, 1));
  out.insert(out.end(), sum_bytes.begin(), sum_bytes.end());
  write_file(folder / "sharded" / fmt::format("c/{}/0/0", shard), out);
}

}  // namespace

std::string_view name_of(Codec codec) { return texts_of(codec).name; }

fs::path chunk_key(std::size_t n) {
  return fmt::format("{}/{}/{}", n / kLayerChunks, n / kLayerEdge % kLayerEdge, n % kLayerEdge);
}

std::uint64_t check_of(std::span<const std::byte> chunk, std::int64_t first_plane) {
  std::uint64_t out = 0;
  for (std::int64_t z = 0; z < kChunkEdge; ++z) {
    std::uint64_t plane = 0;
    for (std::size_t i = 0; i < 64 * 64; ++i) {
      std::uint16_t value = 0;
      std::memcpy(&value, chunk.data() + (static_cast<std::size_t>(z) * 64 * 64 + i) * 2, 2);
      plane += value;
    }
    out += static_cast<std::uint64_t>(first_plane + z + 1) * plane;
  }
  return out;
}

VolumeOnDisk write_volume(const fs::path& folder, Codec codec, std::int64_t layers) {
  write_documents(folder, codec, layers);
  const std::size_t chunks = static_cast<std::size_t>(layers) * kLayerChunks;
  std::vector<std::atomic<std::uint64_t>> sums(static_cast<std::size_t>(layers));
  std::atomic<std::size_t> next = 0;
  std::atomic<std::size_t> encoded_bytes = 0;
  std::vector<std::jthread> threads;
  camera_noise();
  for (unsigned i = 0; i < std::thread::hardware_concurrency(); ++i) {
    threads.emplace_back([&] {
      for (std::size_t n = next++; n < chunks; n = next++) {
        const Bytes chunk = chunk_at(n);
        sums[n / kLayerChunks] += check_of(chunk, static_cast<std::int64_t>(n / kLayerChunks) * kChunkEdge);
        const Bytes encoded = encode(codec, chunk);
        encoded_bytes += encoded.size();
        write_file(folder / "v2" / chunk_key(n), encoded);
        const fs::path linked = folder / "v3/c" / chunk_key(n);
        fs::create_directories(linked.parent_path());
        fs::create_hard_link(folder / "v2" / chunk_key(n), linked);
      }
    });
  }
  threads.clear();
  for (std::int64_t shard = 0; shard < layers / kShardLayers; ++shard) write_shard(folder, shard);
  // Nothing is written back while others are timed; what was written stays in the file cache.
  ::sync();
  VolumeOnDisk out;
  out.ratio = static_cast<double>(chunks * kChunkBytes) / static_cast<double>(encoded_bytes.load());
  std::uint64_t sum = 0;
  for (const auto& layer : sums) out.checks.push_back(sum += layer);
  return out;
}

}  // namespace ndcast::bench
