// One battery over every source: a file is written, opened, read whole and in random boxes, imported to both versions
// of OME-Zarr, and read back. Adding a format is one more maker (source_makers_test_util.h).

#include <algorithm>
#include <random>

#include "convert/source_makers_test_util.h"
#include "image/strided.h"

namespace ndcast::convert {
namespace {

using testing::TempFolder;

class Sources : public ::testing::TestWithParam<Maker> {
 protected:
  void SetUp() override {
    made_ = GetParam().make(folder_);
    source_ = testing::opened(made_.names, made_.options);
    ASSERT_NE(source_, nullptr);
  }

  TempFolder folder_;
  Made made_;
  std::unique_ptr<Source> source_;
};

TEST_P(Sources, SaysShapeTypeAndAxes) {
  EXPECT_EQ(source_->info().shape, made_.shape);
  EXPECT_EQ(source_->info().dtype, made_.dtype);
  std::string axes;
  for (const SourceAxis& axis : source_->info().axes) axes += axis.name;
  EXPECT_EQ(axes, made_.axes);
}

TEST_P(Sources, ReadsEveryVoxel) {
  EXPECT_EQ(testing::hex_digest(testing::voxels_of(*source_)), testing::hex_digest(made_.voxels));
}

TEST_P(Sources, ReadsAnyBoxIntoAnyPlace) {
  const unsigned seed = std::random_device{}();
  std::mt19937 random(seed);
  const SourceInfo& info = source_->info();
  const std::size_t ndim = info.shape.size();
  const std::size_t voxel = info.voxel_bytes();
  for (int round = 0; round < 20; ++round) {
    Box box{Shape(ndim), Shape(ndim)};
    Shape target_shape(ndim), target_start(ndim);
    std::size_t target_count = voxel;
    std::size_t count = voxel;
    for (std::size_t axis = 0; axis < ndim; ++axis) {
      box.start[axis] = random() % info.shape[axis];
      box.extent[axis] = 1 + random() % (info.shape[axis] - box.start[axis]);
      target_start[axis] = random() % 3;
      target_shape[axis] = target_start[axis] + box.extent[axis] + random() % 3;
      target_count *= static_cast<std::size_t>(target_shape[axis]);
      count *= static_cast<std::size_t>(box.extent[axis]);
    }
    std::vector<std::byte> target(target_count, std::byte{0xee});
    const auto read = source_->read(box, {target.data(), target_shape, target_start});
    ASSERT_TRUE(read) << read.error().message;
    const Shape zero(ndim, 0);
    std::vector<std::byte> found(count), expected(count);
    image::copy_box(box.extent, voxel, target.data(), {target_shape, target_start}, found.data(), {box.extent, zero});
    image::copy_box(box.extent, voxel, made_.voxels.data(), {info.shape, box.start}, expected.data(),
                    {box.extent, zero});
    ASSERT_EQ(found, expected) << "seed " << seed << ", round " << round;
    std::size_t untouched = 0;
    image::fill_box(box.extent, std::vector<std::byte>(voxel, std::byte{0xee}), target.data(),
                    {target_shape, target_start});
    for (const std::byte byte : target) untouched += byte == std::byte{0xee} ? 1 : 0;
    ASSERT_EQ(untouched, target.size()) << "seed " << seed << ": something beside the box was written";
  }
}

TEST_P(Sources, ImportsToBothVersionsAndReadsBackTheSame) {
  for (const OmeZarr format : {OmeZarr::V05, OmeZarr::V04}) {
    ImportOptions options;
    options.encoding.format = format;
    options.pyramid.sharded = format == OmeZarr::V05;
    options.pyramid.stop = 16;
    options.pyramid.chunk = Shape(made_.shape.size(), 1);
    for (std::size_t axis = 0; axis < made_.shape.size(); ++axis) options.pyramid.chunk[axis] = axis % 2 == 0 ? 16 : 7;
    const auto path = folder_ / (format == OmeZarr::V05 ? "v5.ome.zarr" : "v4.ome.zarr");
    const auto report = import_image(*source_, path, options);
    ASSERT_TRUE(report) << report.error().message;
    const auto image = testing::image_at(path);
    ASSERT_NE(image, nullptr);
    EXPECT_EQ(testing::hex_digest(testing::voxels_of(*image, 0)), testing::hex_digest(made_.voxels));
    EXPECT_EQ(image->levels.size(), report->pyramid.levels.size());
    EXPECT_GT(image->levels.size(), 1U);
    EXPECT_EQ(image->ngff_minor, format == OmeZarr::V05 ? 5 : 4);
    EXPECT_TRUE(image->warnings.empty()) << image->warnings.front();
    EXPECT_FALSE(std::filesystem::exists(unfinished_path(path)));
  }
}

const auto kName = [](const auto& info) { return info.param.name; };
INSTANTIATE_TEST_SUITE_P(Volumes, Sources, ::testing::ValuesIn(volume_makers()), kName);
INSTANTIATE_TEST_SUITE_P(Pictures, Sources, ::testing::ValuesIn(picture_makers()), kName);

}  // namespace
}  // namespace ndcast::convert
