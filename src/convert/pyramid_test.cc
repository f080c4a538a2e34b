#include "convert/pyramid.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "convert/work_plan.h"

namespace ndcast::convert {
namespace {

SourceInfo volume(Shape shape, std::vector<double> scale, const std::string& names = "zyx",
                  image::DType dtype = image::DType::UInt16) {
  SourceInfo info;
  info.path = "test";
  info.dtype = dtype;
  info.shape = std::move(shape);
  for (std::size_t i = 0; i < names.size(); ++i)
    info.axes.push_back(make_axis(names.substr(i, 1), scale[i], "micrometer"));
  info.grain.assign(info.shape.size(), 1);
  return info;
}

TEST(Pyramid, HalvesUntilNoAxisIsLongerThan256AndShiftsByHalfABlock) {
  const auto pyramid = plan_pyramid(volume({1000, 1000, 1000}, {1, 1, 1}), {});
  ASSERT_TRUE(pyramid);
  ASSERT_EQ(pyramid->levels.size(), 3U);
  EXPECT_EQ(pyramid->levels[2].shape, (Shape{250, 250, 250}));
  EXPECT_EQ(pyramid->levels[2].scale, (std::vector<double>{4, 4, 4}));
  EXPECT_EQ(pyramid->levels[1].translation, (std::vector<double>{0.5, 0.5, 0.5}));
  EXPECT_EQ(pyramid->levels[2].translation, (std::vector<double>{1.5, 1.5, 1.5}));
}

TEST(Pyramid, CoarsePlanesWaitForTheOthers) {
  const auto pyramid = plan_pyramid(volume({400, 2048, 2048}, {4, 1, 1}), {});
  ASSERT_TRUE(pyramid);
  ASSERT_EQ(pyramid->levels.size(), 4U);
  EXPECT_EQ(pyramid->levels[1].shape, (Shape{400, 1024, 1024}));
  EXPECT_EQ(pyramid->levels[2].shape, (Shape{400, 512, 512}));
  EXPECT_EQ(pyramid->levels[3].shape, (Shape{200, 256, 256}));
}

TEST(Pyramid, UnitsOfAxesAreHeldAgainstEachOther) {
  SourceInfo info = volume({400, 600, 600}, {0.001, 1, 1});  // 0.001 mm is 1 µm
  info.axes[0].unit = "millimeter";
  const auto pyramid = plan_pyramid(info, {});
  ASSERT_TRUE(pyramid);
  EXPECT_EQ(pyramid->levels[1].shape, (Shape{200, 300, 300}));
}

TEST(Pyramid, TimeAndChannelsAndFewPlanesStay) {
  const auto pyramid = plan_pyramid(volume({500, 3, 10, 2000, 2000}, {1, 1, 1, 1, 1}, "tczyx"), {});
  ASSERT_TRUE(pyramid);
  EXPECT_EQ(pyramid->levels.back().shape, (Shape{500, 3, 10, 250, 250}));
  EXPECT_EQ(pyramid->levels[0].chunk[0], 1);
  EXPECT_EQ(pyramid->levels[0].chunk[1], 1);
}

TEST(Pyramid, SamplesSideBySideStayInOneChunk) {
  const auto pyramid = plan_pyramid(volume({3000, 2000, 3}, {1, 1, 1}, "yxc", image::DType::UInt8), {});
  ASSERT_TRUE(pyramid);
  EXPECT_EQ(pyramid->levels[0].chunk, (Shape{512, 512, 3}));
  EXPECT_EQ(pyramid->levels[1].shape, (Shape{1500, 1000, 3}));
}

TEST(Pyramid, CellsAreEvenWhereChunksAreNot) {
  const auto pyramid = plan_pyramid(volume({300, 300, 300}, {1, 1, 1}), {.chunk = {1, 33, 64}, .shard = {}});
  ASSERT_TRUE(pyramid);
  EXPECT_EQ(pyramid->levels[0].cell, (Shape{2, 66, 64}));
}

TEST(Pyramid, NumbersThatDoNotFitAreRefused) {
  const SourceInfo info = volume({100, 100, 100}, {1, 1, 1});
  EXPECT_FALSE(plan_pyramid(info, {.chunk = {64, 64}, .shard = {}}));
  EXPECT_FALSE(plan_pyramid(info, {.chunk = {0, 64, 64}, .shard = {}}));
  const auto refused = plan_pyramid(info, {.chunk = {32, 32, 32}, .shard = {48, 64, 64}});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("multiple of the chunk"), std::string::npos);
}

TEST(WorkPlan, EveryVoxelIsInOneCellAndOnePieceOfOneUnit) {
  for (const bool sequential : {false, true}) {
    SourceInfo info = volume({3, 130, 300, 90}, {1, 1, 1, 1}, "tzyx");
    info.sequential = sequential;
    const auto pyramid = plan_pyramid(info, {.chunk = {1, 16, 32, 16}, .shard = {}});
    ASSERT_TRUE(pyramid);
    const auto plan = plan_work(info, *pyramid, {.memory_bytes = std::size_t{50} << 20, .threads = 2});
    ASSERT_TRUE(plan) << plan.error().message;
    ASSERT_GT(plan->unit_count(), 1U);
    for (const bool cells : {true, false}) {
      std::int64_t voxels = 0;
      std::vector<int> seen(3 * 130 * 300 * 90);
      for (std::uint64_t i = 0; i < plan->unit_count(); ++i) {
        for (const Box& box : cells ? plan->cells(plan->unit(i)) : plan->pieces(plan->unit(i))) {
          for (std::int64_t t = box.start[0]; t < box.start[0] + box.extent[0]; ++t)
            for (std::int64_t z = box.start[1]; z < box.start[1] + box.extent[1]; ++z)
              for (std::int64_t y = box.start[2]; y < box.start[2] + box.extent[2]; ++y)
                for (std::int64_t x = box.start[3]; x < box.start[3] + box.extent[3]; ++x, ++voxels)
                  ++seen[static_cast<std::size_t>(((t * 130 + z) * 300 + y) * 90 + x)];
        }
      }
      EXPECT_EQ(voxels, 3 * 130 * 300 * 90);
      EXPECT_TRUE(std::ranges::all_of(seen, [](int count) { return count == 1; }));
    }
  }
}

TEST(WorkPlan, ASequentialSourceIsReadForward) {
  SourceInfo info = volume({4, 200, 300, 300}, {1, 1, 1, 1}, "tzyx");
  info.sequential = true;
  const auto pyramid = plan_pyramid(info, {});
  const auto plan = plan_work(info, *pyramid, {.memory_bytes = std::size_t{128} << 20, .threads = 2});
  ASSERT_TRUE(plan) << plan.error().message;
  std::int64_t expected = 0;
  for (std::uint64_t i = 0; i < plan->unit_count(); ++i) {
    const Box unit = plan->unit(i);
    const std::int64_t first = ((unit.start[0] * 200 + unit.start[1]) * 300 + unit.start[2]) * 300 + unit.start[3];
    EXPECT_EQ(first, expected);
    expected += unit.extent[0] * unit.extent[1] * unit.extent[2] * unit.extent[3];
  }
  EXPECT_EQ(expected, 4 * 200 * 300 * 300);
}

TEST(WorkPlan, TooLittleMemoryIsRefusedWithWhatWouldDo) {
  SourceInfo info = volume({64, 20'000, 20'000}, {1, 1, 1});
  info.sequential = true;
  const auto pyramid = plan_pyramid(info, {});
  const auto plan = plan_work(info, *pyramid, {.memory_bytes = std::size_t{1} << 30, .threads = 2});
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, ErrorCode::Limit);
  EXPECT_NE(plan.error().message.find("--memory of at least"), std::string::npos);
}

TEST(WorkPlan, ExpectsNoMoreThanItsLimit) {
  for (const std::size_t mib : {128, 256, 1024, 8192}) {
    for (const Shape& shape : {Shape{4000, 4000, 4000}, Shape{100, 50'000, 50'000}, Shape{20'000, 300, 300}}) {
      const SourceInfo info = volume(shape, {1, 1, 1});
      const auto pyramid = plan_pyramid(info, {});
      const auto plan = plan_work(info, *pyramid, {.memory_bytes = mib << 20, .threads = 16});
      ASSERT_TRUE(plan) << plan.error().message;
      EXPECT_LE(plan->expected_bytes(), mib << 20);
    }
  }
}

}  // namespace
}  // namespace ndcast::convert
