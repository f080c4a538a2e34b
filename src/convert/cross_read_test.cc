// What is imported is read the same by others: zarr-python (0.4) and GDAL, where Debian's packages are installed.

#include <array>
#include <cstdio>

#include "convert/testing.h"

namespace ndcast::convert {
namespace {

using testing::TempFolder;

/// Standard output of a command; nothing when it fails.
std::optional<std::string> output_of(const std::string& command) {
  std::FILE* pipe = ::popen((command + " 2>/dev/null").c_str(), "r");
  if (!pipe) return std::nullopt;
  std::string out;
  std::array<char, 4096> buffer;
  for (std::size_t got = 0; (got = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
    out.append(buffer.data(), got);
  if (::pclose(pipe) != 0) return std::nullopt;
  while (out.ends_with('\n')) out.pop_back();
  return out;
}

template <class T>
void import_volume(const TempFolder& folder, const std::string& name, image::DType dtype) {
  const auto voxels = testing::image_like<T>(40 * 150 * 170);
  testing::write_file(folder / (name + ".raw"), voxels);
  SourceOptions source_options;
  source_options.raw = RawDescription{{40, 150, 170}, dtype, "zyx", std::endian::little, 0};
  const auto source = testing::opened({folder / (name + ".raw")}, source_options);
  ImportOptions options;
  options.encoding.format = OmeZarr::V04;
  options.pyramid.sharded = false;
  options.pyramid.stop = 64;
  options.pyramid.chunk = {16, 64, 33};
  const auto report = import_image(*source, folder / (name + ".zarr"), options);
  ASSERT_TRUE(report) << report.error().message;
  ASSERT_GT(report->pyramid.levels.size(), 1U);
}

TEST(CrossRead, ZarrPythonReadsTheSame) {
  if (!output_of("/usr/bin/python3 -c 'import zarr'")) GTEST_SKIP() << "python3-zarr is not installed";
  const TempFolder folder;
  import_volume<std::uint8_t>(folder, "u8", image::DType::UInt8);
  import_volume<std::int16_t>(folder, "i16", image::DType::Int16);
  import_volume<float>(folder, "f32", image::DType::Float32);
  import_volume<std::uint64_t>(folder, "u64", image::DType::UInt64);
  for (const std::string name : {"u8", "i16", "f32", "u64"}) {
    const auto path = folder / (name + ".zarr");
    const auto image = testing::image_at(path);
    for (std::size_t level = 0; level < image->levels.size(); ++level) {
      const auto digest =
          output_of(fmt::format("/usr/bin/python3 -c 'import zarr,hashlib; "
                                "print(hashlib.sha256(zarr.open(\"{}\",mode=\"r\")[\"{}\"][:].tobytes()).hexdigest())'",
                                path.string(), level));
      EXPECT_EQ(digest, testing::hex_digest(testing::voxels_of(*image, level))) << name << " level " << level;
    }
  }
}

TEST(CrossRead, GdalReadsTheSame) {
  if (!output_of("gdalinfo --version")) GTEST_SKIP() << "gdal-bin is not installed";
  const TempFolder folder;
  import_volume<std::uint16_t>(folder, "u16", image::DType::UInt16);
  const auto image = testing::image_at(folder / "u16.zarr");
  for (std::size_t level = 0; level < image->levels.size(); ++level) {
    const auto flat = folder / fmt::format("{}.envi", level);
    const auto shape = image->levels[level].array->shape();
    // GDAL offers each plane of a volume as a data set of its own; the middle one will do.
    const std::int64_t plane = shape[0] / 2;
    ASSERT_TRUE(output_of(fmt::format("gdal_translate -q -of ENVI 'ZARR:\"{}\":/{}:{}' {}",
                                      (folder / "u16.zarr").string(), level, plane, flat.string())));
    std::ifstream file(flat, std::ios::binary);
    const std::string found((std::istreambuf_iterator<char>(file)), {});
    const auto voxels = testing::voxels_of(*image, level);
    const std::size_t bytes = static_cast<std::size_t>(shape[1] * shape[2]) * 2;
    EXPECT_EQ(testing::hex_digest(std::as_bytes(std::span(found))),
              testing::hex_digest(std::span(voxels).subspan(static_cast<std::size_t>(plane) * bytes, bytes)))
        << level;
  }
}

}  // namespace
}  // namespace ndcast::convert
