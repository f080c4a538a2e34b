// Every renderer against the reference, over random scenes.

#include <cstdint>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <hwy/targets.h>

#include "render/cpu/volume_march.h"
#include "render/renderer.h"
#include "render/test_frames.h"

namespace ndcast::render {
namespace {

class Agreement : public testing::TestWithParam<std::string> {
 protected:
  static Picture drawn(Renderer& renderer, const FrameInput& input) {
    Picture picture;
    const auto result = renderer.render(input, picture);
    EXPECT_TRUE(result) << result.error().message;
    return picture;
  }

  /// One histogram over all frames: small frames have too few pixels for a 99.9 % of their own.
  void expect_agreement(FrameInput (test::FrameMaker::*frame)(), unsigned first_seed, unsigned frames) {
    const auto reference = make_renderer("reference");
    const auto other = make_renderer(GetParam(), 2);
    ASSERT_TRUE(reference && other);
    Picture all_expected;
    Picture all_found;
    for (unsigned seed = first_seed; seed < first_seed + frames; ++seed) {
      SCOPED_TRACE("seed " + std::to_string(seed));
      test::FrameMaker maker(seed);
      const FrameInput input = (maker.*frame)();
      const Picture expected = drawn(**reference, input);
      const Picture found = drawn(**other, input);
      ASSERT_EQ(expected.rgba.size(), found.rgba.size());
      const test::Difference apart = test::difference(expected, found);
      EXPECT_LE(apart.mean, 0.5);
      EXPECT_GE(apart.psnr_db, 40);
      all_expected.rgba.insert(all_expected.rgba.end(), expected.rgba.begin(), expected.rgba.end());
      all_found.rgba.insert(all_found.rgba.end(), found.rgba.begin(), found.rgba.end());
    }
    EXPECT_GE(test::deviation(all_expected), 40) << "the scenes show too little to compare";
    const test::Difference apart = test::difference(all_expected, all_found);
    EXPECT_LE(apart.mean, 0.5);
    EXPECT_LE(apart.p999, 3);
    EXPECT_GE(apart.psnr_db, 45);
    RecordProperty("mean", std::to_string(apart.mean));
    std::printf("%u frames: mean %.4f, 99.9 %% within %d, most %d, %.1f dB\n", frames, apart.mean, apart.p999,
                apart.most, apart.psnr_db);
  }
};

TEST_P(Agreement, OnRandomSlices) { expect_agreement(&test::FrameMaker::plane_frame, 1000, 120); }

TEST_P(Agreement, OnRandomVolumes) { expect_agreement(&test::FrameMaker::volume_frame, 5000, 100); }

/// Voxels that differ from their neighbours as noise does, in a picture full of rays that have them on all sides.
FrameInput inside_of(image::DType dtype, scene::Rendering rendering) {
  const double most = dtype == image::DType::UInt8 ? 255 : dtype == image::DType::UInt16 ? 65535 : 32767;
  const double least = dtype == image::DType::Int16 ? -32768 : 0;
  const auto volume = test::make_volume({47, 45, 50}, dtype, [&](int x, int y, int z) {
    const unsigned noise = (static_cast<unsigned>(x) * 73856093U) ^ (static_cast<unsigned>(y) * 19349663U) ^
                           (static_cast<unsigned>(z) * 83492791U);
    return least + (most - least) * ((noise * 2654435761U >> 8) % 1000) / 999;
  });
  test::add_cells(*volume);
  FrameInput frame;
  frame.width = 96;
  frame.height = 64;
  frame.mode = scene::Mode::Volume;
  frame.volume = {.center = {23, 22, 25}, .angles = {35, 25, 10}, .distance = 60, .fov = 30};
  LayerInput layer;
  layer.look = test::look_of("viridis", least + 0.2 * (most - least), most);
  layer.look.interpolation = scene::Interpolation::Linear;
  layer.look.rendering = rendering;
  layer.look.iso_threshold = least + 0.8 * (most - least);
  layer.look.opacity = 0.2;
  layer.volumes.push_back(volume);
  frame.layers.push_back(std::move(layer));
  return frame;
}

TEST_P(Agreement, InTheMiddleOfVolumes) {
  const auto reference = make_renderer("reference");
  const auto other = make_renderer(GetParam(), 2);
  ASSERT_TRUE(reference && other);
  const VoxelLoads faster = voxel_loads();
  for (const image::DType dtype :
       {image::DType::UInt8, image::DType::UInt16, image::DType::Int16, image::DType::Float32}) {
    for (const std::string_view mode : scene::enum_words<scene::Rendering>()) {
      SCOPED_TRACE(fmt::format("{} {}", image::to_string(dtype), mode));
      const FrameInput frame = inside_of(dtype, *scene::enum_from_string<scene::Rendering>(mode));
      const Picture expected = drawn(**reference, frame);
      EXPECT_GE(test::deviation(expected), 5);
      for (const VoxelLoads loads : {VoxelLoads::Inserted, VoxelLoads::Gathered}) {
        use_voxel_loads(loads);
        const test::Difference apart = test::difference(expected, drawn(**other, frame));
        EXPECT_LE(apart.mean, 0.5);
        EXPECT_LE(apart.p999, 3);
        EXPECT_GE(apart.psnr_db, 45);
      }
    }
  }
  use_voxel_loads(faster);
}

// The same on every instruction set that this machine has, down to the scalar fallback, however voxels are loaded.
TEST_P(Agreement, OnEveryInstructionSet) {
  const VoxelLoads faster = voxel_loads();
  for (std::int64_t targets = hwy::SupportedTargets(); targets != 0; targets &= targets - 1) {
    const std::int64_t target = targets & -targets;
    SCOPED_TRACE(hwy::TargetName(target));
    hwy::GetChosenTarget().Update(target);
    if (std::string_view(march_target()) != hwy::TargetName(target)) continue;  // not compiled
    expect_agreement(&test::FrameMaker::plane_frame, 3000, 20);
    for (const VoxelLoads loads : {VoxelLoads::Inserted, VoxelLoads::Gathered}) {
      use_voxel_loads(loads);
      expect_agreement(&test::FrameMaker::volume_frame, 7000, 20);
    }
  }
  use_voxel_loads(faster);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

INSTANTIATE_TEST_SUITE_P(Renderers, Agreement, testing::Values("cpu"), [](const auto& info) { return info.param; });

}  // namespace
}  // namespace ndcast::render
