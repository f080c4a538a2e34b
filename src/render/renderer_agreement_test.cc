// Every renderer against the reference, over random scenes.

#include <cstdint>
#include <string>

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include "render/renderer.h"
#include "render/test_frames.h"
#include "render/volume_march.h"

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

// The same on every instruction set that this machine has, down to the scalar fallback.
TEST_P(Agreement, OnEveryInstructionSet) {
  for (std::int64_t targets = hwy::SupportedTargets(); targets != 0; targets &= targets - 1) {
    const std::int64_t target = targets & -targets;
    SCOPED_TRACE(hwy::TargetName(target));
    hwy::GetChosenTarget().Update(target);
    if (std::string_view(march_target()) != hwy::TargetName(target)) continue;  // not compiled
    expect_agreement(&test::FrameMaker::plane_frame, 3000, 20);
    expect_agreement(&test::FrameMaker::volume_frame, 7000, 20);
  }
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

INSTANTIATE_TEST_SUITE_P(Renderers, Agreement, testing::Values("cpu"), [](const auto& info) { return info.param; });

}  // namespace
}  // namespace ndcast::render
