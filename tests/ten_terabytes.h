#pragma once
// A sparse image far larger than any disk, for tests and benchmarks.

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>

#include <fmt/format.h>

namespace ndcast::testing {

inline void write_file(const std::filesystem::path& file, const std::string& text) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
}

/// 10,240 × 31,250 × 32,768 uint8 ≈ 10.5 TB in 64³ chunks, eight levels, with real chunks only around the middle plane
/// of the three coarsest.
inline void write_ten_terabytes(const std::filesystem::path& root) {
  std::string datasets;
  for (int level = 0; level < 8; ++level) {
    const long factor = 1L << level;
    const long depth = 10240 / factor;
    const long height = 31250 / factor;
    const long width = 32768 / factor;
    datasets += fmt::format(R"({}{{"path":"{}","coordinateTransformations":[{{"type":"scale","scale":[{},{},{}]}}]}})",
                            level > 0 ? "," : "", level, factor, factor, factor);
    const std::filesystem::path array = root / std::to_string(level);
    write_file(array / ".zarray",
               fmt::format(R"({{"zarr_format":2,"shape":[{},{},{}],"chunks":[64,64,64],"dtype":"|u1",)"
                           R"("compressor":null,"fill_value":0,"order":"C","filters":null,)"
                           R"("dimension_separator":"/"}})",
                           depth, height, width));
    if (level < 5) continue;
    const std::string middle = std::to_string(depth / 2 / 64);
    for (long y = 0; y * 64 < height; ++y) {
      for (long x = 0; x * 64 < width; ++x) {
        std::string chunk(64 * 64 * 64, '\0');
        for (std::size_t i = 0; i < chunk.size(); ++i) {
          chunk[i] = static_cast<char>((i * 7 + static_cast<std::size_t>(x * y)) % 251);
        }
        write_file(array / middle / std::to_string(y) / std::to_string(x), chunk);
      }
    }
  }
  write_file(root / ".zgroup", R"({"zarr_format":2})");
  write_file(root / ".zattrs",
             fmt::format(R"({{"multiscales":[{{"version":"0.4","axes":[{{"name":"z","type":"space"}},)"
                         R"({{"name":"y","type":"space"}},{{"name":"x","type":"space"}}],"datasets":[{}]}}]}})",
                         datasets));
}

}  // namespace ndcast::testing
