// Files that others wrote, against readings that others made: each file below core/volumes of NDCAST_TEST_DATA that
// expected.json has a numeric reading of is imported, and level 0 holds the same voxels. Skipped without the folder.

#include <set>

#include "convert/testing.h"
#include "image/file_store.h"
#include "image/stats.h"
#include "image/strided.h"

namespace ndcast::convert {
namespace {

namespace fs = std::filesystem;
using testing::TempFolder;

std::optional<fs::path> data_folder() {
  const char* folder = std::getenv("NDCAST_TEST_DATA");
  if (folder && *folder) return folder;
  return std::nullopt;
}

Json read_expected(const fs::path& folder) {
  std::ifstream file(folder / "expected.json");
  std::string text((std::istreambuf_iterator<char>(file)), {});
  // Python wrote it, and Python writes NaN bare.
  for (std::size_t at = 0; (at = text.find("NaN", at)) != std::string::npos;) text.replace(at, 3, "null");
  auto json = parse_json(text);
  EXPECT_TRUE(json) << json.error().message;
  return *std::move(json);
}

std::string word(const Json& reading, std::string_view key) {
  const Json* value = reading.find(key);
  return value && value->is_string() ? value->string() : "";
}

/// 93 headerless slices, which the reader was told about.
void describe_slices(const fs::path& folder, std::vector<std::string>& names, SourceOptions& options) {
  names.clear();
  for (int i = 1; i <= 93; ++i) names.push_back(folder / fmt::format("quarter.{}", i));
  options.raw = RawDescription{{64, 64}, image::DType::UInt16, "", std::endian::little, 0};
}

/// What the reader saw where it saw less, or in another order: GDAL reads the first directory only, and pixels of
/// several samples side by side however they are stored.
std::vector<std::string> other_digests(const image::Image& image) {
  const auto& array = *image.levels[0].array;
  const auto voxels = testing::voxels_of(image, 0);
  const std::size_t planes = static_cast<std::size_t>(array.shape()[0]);
  std::vector<std::string> out = {testing::hex_digest(std::span(voxels).first(voxels.size() / planes))};
  if (array.ndim() == 3) {
    const Shape turned = {array.shape()[1], array.shape()[2], array.shape()[0]};
    out.push_back(testing::hex_digest(
        image::unpermute(voxels, turned, std::vector<std::size_t>{2, 0, 1}, image::byte_size(array.dtype()))));
  }
  return out;
}

TEST(Expected, EveryVolumeHasTheVoxelsThatOthersRead) {
  const auto folder = data_folder();
  if (!folder) GTEST_SKIP() << "NDCAST_TEST_DATA is not set";
  const Json expected = read_expected(*folder);
  int agree = 0;
  int refused = 0;
  for (const auto& [file, readings] : expected.find("files")->object()) {
    if (!file.starts_with("core/volumes/")) continue;
    for (const auto& [series, reading] : readings.object()) {
      const TempFolder out;
      std::vector<std::string> names = {*folder / file};
      SourceOptions options;
      if (file.ends_with("raw/headsq")) describe_slices(*folder / file, names, options);
      const bool numeric = reading.find("sha256") && image::dtype_from_name(word(reading, "dtype"));
      const auto source = open_source(names, options);
      if (!numeric) {
        if (source) continue;  // another reader lacked something that this one has
        ++refused;
        EXPECT_NE(
            source.error().message.find(fs::path(file).stem().stem().string().substr(0, 4)) == std::string::npos &&
                source.error().message.find("dummy.raw") == std::string::npos,
            true)
            << file << " is not named by: " << source.error().message;
        continue;
      }
      ASSERT_TRUE(source) << file << ": " << source.error().message;
      const auto report = import_image(**source, out / "a.ome.zarr", {});
      ASSERT_TRUE(report) << file << ": " << report.error().message;
      const auto image = testing::image_at(out / "a.ome.zarr");
      ASSERT_NE(image, nullptr);
      const auto stats = image::compute_stats(*image->levels[0].array);
      ASSERT_TRUE(stats);
      EXPECT_EQ(image::to_string(image->levels[0].array->dtype()), word(reading, "dtype")) << file;
      bool same = stats->sha256 == word(reading, "sha256");
      if (!same && word(reading, "reader").starts_with("GDAL")) {
        for (const std::string& digest : other_digests(*image)) same = same || digest == word(reading, "sha256");
      }
      EXPECT_TRUE(same) << file << " " << fmt::format("{}", fmt::join(image->levels[0].array->shape(), " x "));
      agree += same ? 1 : 0;
    }
  }
  std::cout << agree << " agree, " << refused << " refused\n";
  EXPECT_GT(agree, 100);
}

TEST(Expected, ScalesOfNiftiAreTheZooms) {
  const auto folder = data_folder();
  if (!folder) GTEST_SKIP() << "NDCAST_TEST_DATA is not set";
  const Json expected = read_expected(*folder);
  int seen = 0;
  for (const auto& [file, readings] : expected.find("files")->object()) {
    const Json* reading = readings.find("data");
    const Json* zooms = reading ? reading->find("zooms") : nullptr;
    if (!file.starts_with("core/volumes/") || !zooms || zooms->size() < 3) continue;
    const auto source = open_source({*folder / file}, {});
    if (!source) continue;
    for (const SourceAxis& axis : (*source)->info().axes) {
      const std::size_t position = axis.name == "x" ? 0 : axis.name == "y" ? 1 : axis.name == "z" ? 2 : 99;
      if (position > 2) continue;
      EXPECT_NEAR(axis.scale, *zooms->array()[position].as_double(), 1e-5) << file << " " << axis.name;
      ++seen;
    }
    if (const Json* orientation = (*source)->info().attributes.find("orientation");
        orientation && orientation->find("axis_codes")) {
      EXPECT_EQ(orientation->find("axis_codes")->string(), word(*reading, "axcodes")) << file;
    }
  }
  EXPECT_GT(seen, 60);
}

TEST(Expected, DamagedFilesAreRefusedAndNamed) {
  const auto folder = data_folder();
  if (!folder) GTEST_SKIP() << "NDCAST_TEST_DATA is not set";
  const TempFolder out;
  ImportOptions options;
  options.overwrite = true;
  for (const auto& entry : fs::recursive_directory_iterator(*folder / "core/invalid/gdal-tiff")) {
    // These store nothing, or all of their pixels in spite of what is wrong elsewhere.
    static const std::set<std::string> kReadable = {"hugeblocksize.tif", "excessive-memory-TIFFFillTile.tif",
                                                    "image_width_above_32bit.tif"};
    if (!entry.is_regular_file() || kReadable.contains(entry.path().filename().string())) continue;
    const auto source = open_source({entry.path()}, {});
    Error error;
    if (source) {
      const auto report = import_image(**source, out / "a.zarr", options);
      ASSERT_FALSE(report) << entry.path();
      error = report.error();
    } else {
      error = source.error();
    }
    EXPECT_NE(error.message.find(entry.path().filename().string()), std::string::npos) << error.message;
  }
  const auto foreign = open_source({*folder / "core/invalid/not-nifti.nii"}, {});
  ASSERT_FALSE(foreign);
  EXPECT_NE(foreign.error().message.find("expected 348 or 540"), std::string::npos);
}

}  // namespace
}  // namespace ndcast::convert
