#pragma once
// What the tests of this part share: folders that go away, files of bytes, voxels read back from what was imported.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/digest.h"
#include "convert/import.h"
#include "convert/open_source.h"
#include "image/image.h"
#include "image/read_region.h"

namespace ndcast::convert::testing {

class TempFolder {
 public:
  TempFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "ndcast-import-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~TempFolder() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

template <class Range>
void write_file(const std::filesystem::path& path, const Range& bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(std::data(bytes)),
             static_cast<std::streamsize>(std::size(bytes) * sizeof(*std::data(bytes))));
}

template <class T>
std::string raw_text(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

/// Smooth with some noise, like an image; the same for the same seed.
template <class T>
std::vector<T> image_like(std::size_t count, unsigned seed = 1) {
  std::mt19937 random(seed);
  std::vector<T> out(count);
  for (std::size_t i = 0; i < count; ++i) out[i] = static_cast<T>(i / 7 + random() % 16);
  return out;
}

inline std::string hex_digest(std::span<const std::byte> bytes) {
  Sha256 digest;
  digest.update(bytes);
  return digest.hex();
}

inline std::unique_ptr<Source> opened(const std::vector<std::string>& names, const SourceOptions& options = {}) {
  auto source = open_source(names, options);
  EXPECT_TRUE(source) << (source ? "" : source.error().message);
  return source ? *std::move(source) : nullptr;
}

/// All voxels of a source.
inline std::vector<std::byte> voxels_of(Source& source) {
  const SourceInfo& info = source.info();
  const Shape zero(info.shape.size(), 0);
  std::vector<std::byte> out(*checked_volume_bytes(info.shape, info.dtype, "test"));
  const auto done = source.read({zero, info.shape}, {out.data(), info.shape, zero});
  EXPECT_TRUE(done) << (done ? "" : done.error().message);
  return out;
}

/// All voxels of one level of an image.
inline std::vector<std::byte> voxels_of(const image::Image& image, std::size_t level) {
  const auto& array = *image.levels.at(level).array;
  const Shape zero(static_cast<std::size_t>(array.ndim()), 0);
  auto voxels = image::read_region(array, zero, array.shape());
  EXPECT_TRUE(voxels) << (voxels ? "" : voxels.error().message);
  return voxels ? std::vector<std::byte>(voxels->begin(), voxels->end()) : std::vector<std::byte>{};
}

inline std::shared_ptr<const image::Image> image_at(const std::filesystem::path& path) {
  auto image = image::open_image(path.string());
  EXPECT_TRUE(image) << (image ? "" : image.error().message);
  return image ? *std::move(image) : nullptr;
}

}  // namespace ndcast::convert::testing
