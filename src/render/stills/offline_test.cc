#include "render/stills/offline.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "render/engine/test_scene.h"

namespace ndcast::render {
namespace {

using scene::kMainView;
using scene::Mode;
using test::TestImage;
using test::TestScene;

struct Desk {
  TestImage image{{"z", "y", "x"}, {{{8, 48, 64}, {4, 16, 16}}, {{4, 24, 32}, {4, 16, 16}}}};
  TestScene scene{{image.image}};
  image::ChunkLoader loader{std::make_shared<image::ChunkCache>(std::size_t{1} << 20), 1};
  std::unique_ptr<Renderer> renderer = std::move(*make_renderer("reference"));
};

TEST(RenderStill, ShowsEachVoxelOfTheSliceAtItsPixel) {
  Desk desk;
  const scene::SnapshotPtr snapshot = desk.scene.set_index(0, 5);
  const auto picture = render_still(*snapshot, kMainView, *desk.scene.images(), desk.loader, *desk.renderer, 64, 48);
  ASSERT_TRUE(picture) << picture.error().message;
  ASSERT_EQ(picture->width, 64);
  for (std::int64_t y = 0; y < 48; ++y) {
    for (std::int64_t x = 0; x < 64; ++x) {
      const std::array<std::int64_t, 3> at{5, y, x};
      const double expected = desk.image.value(0, at) / 65535.0 * 255;
      ASSERT_NEAR(picture->rgba[static_cast<std::size_t>(4 * (y * 64 + x))], expected, 1.0) << x << ", " << y;
    }
  }
}

TEST(RenderStill, OwnSizeUsesTheLevelThatTheViewShows) {
  Desk desk;
  const auto still_at = [&](const std::string& reason) {
    const scene::SnapshotPtr snapshot = desk.scene.edit(&scene::ViewState::lod, [&](auto& lod) {
      lod.shown.level = 1;
      lod.shown.reason = reason;
    });
    return *render_still(*snapshot, kMainView, *desk.scene.images(), desk.loader, *desk.renderer, 64, 48);
  };
  const std::size_t pixel = 4 * (20 * 64 + 20);
  const std::array<std::int64_t, 3> coarse{0, 10, 10};
  const std::array<std::int64_t, 3> fine{0, 20, 20};
  EXPECT_NEAR(still_at("zoom-out").rgba[pixel], desk.image.value(1, coarse) / 65535.0 * 255, 1.0);
  EXPECT_NEAR(still_at("bootstrap").rgba[pixel], desk.image.value(0, fine) / 65535.0 * 255, 1.0) << "not yet decided";
}

TEST(RenderStill, VolumeIsComplete) {
  Desk desk;
  const scene::SnapshotPtr snapshot = desk.scene.set_mode(Mode::Volume);
  const auto picture = render_still(*snapshot, kMainView, *desk.scene.images(), desk.loader, *desk.renderer, 64, 48);
  ASSERT_TRUE(picture) << picture.error().message;
  EXPECT_GT(*std::ranges::max_element(picture->rgba), 100);
}

TEST(RenderStill, OtherSizesKeepTheAspectOfTheWorld) {
  Desk desk;
  const auto picture =
      render_still(*desk.scene.now(), kMainView, *desk.scene.images(), desk.loader, *desk.renderer, 192, 48);
  ASSERT_TRUE(picture) << picture.error().message;
  EXPECT_EQ(picture->rgba[4 * (24 * 192 + 10)], 0) << "beside the data";
  const std::array<std::int64_t, 3> at{0, 24, 0};
  EXPECT_NEAR(picture->rgba[4 * (24 * 192 + 64)], desk.image.value(0, at) / 65535.0 * 255, 1.0);
}

TEST(RenderStill, ErrorsSayWhatIsMissing) {
  Desk desk;
  const auto snapshot = desk.scene.now();
  EXPECT_EQ(render_still(*snapshot, {"other"}, *desk.scene.images(), desk.loader, *desk.renderer, 64, 48).error().code,
            ErrorCode::NotFound);
  EXPECT_EQ(render_still(*snapshot, kMainView, {}, desk.loader, *desk.renderer, 64, 48).error().code,
            ErrorCode::NotFound);
  EXPECT_EQ(render_still(*snapshot, kMainView, *desk.scene.images(), desk.loader, *desk.renderer, 0, 48).error().code,
            ErrorCode::Invalid);
}

}  // namespace
}  // namespace ndcast::render
