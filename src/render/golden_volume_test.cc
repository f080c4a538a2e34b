// Volumes whose pixels follow from a formula, drawn by every renderer.

#include <cmath>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "render/renderer_fixture.h"

namespace ndcast::render {
namespace {

using image::DType;
using test::Color;
using test::gray;
using test::look_of;
using test::make_volume;
using test::pixel_at;

class GoldenVolume : public test::RendererTest {};

TEST_P(GoldenVolume, ABrightVoxelIsSeenWhereTheCameraSaysIt) {
  const std::array<int, 3> size{24, 24, 24};
  for (const Vec3& at : {Vec3{3, 12, 20}, {20, 3, 5}, {12, 21, 3}}) {
    for (const auto& [azimuth, elevation] : {std::pair{0, 0}, {90, 0}, {30, 30}, {-140, -50}}) {
      for (const auto rendering : {scene::Rendering::Mip, scene::Rendering::Translucent}) {
        SCOPED_TRACE(fmt::format("azimuth {} elevation {} {}", azimuth, elevation, scene::to_string(rendering)));
        FrameInput frame = volume(size, azimuth, elevation);
        frame.volume.angles[2] = 20;
        frame.sample_step = 0.25;
        LayerInput layer = volume_layer(
            make_volume(size, DType::UInt8,
                        [&](int x, int y, int z) { return x == at[0] && y == at[1] && z == at[2] ? 255 : 0; }),
            look_of("green", 0, 255), rendering);
        layer.look.interpolation = scene::Interpolation::Linear;
        frame.layers.push_back(layer);
        const auto expected = RayCamera(frame.volume, frame.width, frame.height).pixel_from_world(at);
        ASSERT_TRUE(expected);
        const auto found = center_of_light(draw(frame));
        EXPECT_NEAR(found[0], (*expected)[0], 0.25);
        EXPECT_NEAR(found[1], (*expected)[1], 0.25);
      }
    }
  }
}

TEST_P(GoldenVolume, AtZeroAnglesXIsRightAndZIsUp) {
  const std::array<int, 3> size{17, 17, 17};
  FrameInput frame = volume(size, 0, 0);
  frame.layers.push_back(volume_layer(make_volume(size, DType::UInt8,
                                                  [](int x, int, int z) {
                                                    return x >= 14 && z >= 14 ? 255 : x < 3 && z < 3 ? 128 : 0;
                                                  }),
                                      look_of("gray", 0, 255), scene::Rendering::Mip));
  const Picture picture = draw(frame);
  const RayCamera camera(frame.volume, frame.width, frame.height);
  const auto pixel_of = [&](Vec3 world) {
    const Vec2 seen = *camera.pixel_from_world(world);
    return pixel_at(picture, static_cast<int>(seen[0]), static_cast<int>(seen[1]));
  };
  EXPECT_EQ(pixel_of({15.5, 8, 15.5}), gray(255));
  EXPECT_EQ(pixel_of({0.5, 8, 0.5}), gray(128));
  EXPECT_EQ(pixel_of({15.5, 8, 0.5}), gray(0));
  const auto right_top = *camera.pixel_from_world({15.5, 8, 15.5});
  EXPECT_GT(right_top[0], 48);
  EXPECT_LT(right_top[1], 32);
}

TEST_P(GoldenVolume, MipOfABoxIsItsValueInsideItsOutline) {
  const std::array<int, 3> size{40, 40, 40};
  FrameInput frame = volume(size, 0, 0);
  frame.background = {30, 0, 0};
  const auto box = [](int x, int y, int z) {
    return x >= 10 && x < 30 && y >= 10 && y < 30 && z >= 10 && z < 30 ? 180 : 20;
  };
  frame.layers.push_back(
      volume_layer(make_volume(size, DType::UInt16, box), look_of("gray", 0, 255), scene::Rendering::Mip));
  const Picture picture = draw(frame);
  const RayCamera camera(frame.volume, frame.width, frame.height);
  // The near faces, y = 9.5 of the box and y = −0.5 of the volume, bound both outlines.
  const auto outline = [&](double low, double high, double y) {
    return std::array{*camera.pixel_from_world({low, y, high}), *camera.pixel_from_world({high, y, low})};
  };
  const auto inner = outline(9.5, 29.5, 9.5);
  const auto outer = outline(-0.5, 39.5, -0.5);
  const auto inside = [](const std::array<Vec2, 2>& corners, int column, int row, double by) {
    return column + 0.5 > corners[0][0] + by && column + 0.5 < corners[1][0] - by && row + 0.5 > corners[0][1] + by &&
           row + 0.5 < corners[1][1] - by;
  };
  for (int row = 0; row < picture.height; ++row) {
    for (int column = 0; column < picture.width; ++column) {
      const Color found = pixel_at(picture, column, row);
      if (inside(inner, column, row, 1)) {
        EXPECT_EQ(found, gray(180)) << column << " " << row;
      } else if (!inside(inner, column, row, -1) && inside(outer, column, row, 1)) {
        EXPECT_EQ(found, gray(20)) << column << " " << row;
      } else if (!inside(outer, column, row, -1)) {
        EXPECT_EQ(found, (Color{30, 0, 0})) << column << " " << row;
      }
    }
  }
}

TEST_P(GoldenVolume, ATranslucentSlabFollowsTheExponentialWhateverTheStep) {
  // 20 voxels of t = 0.5 at opacity 0.1: each unit length passes 1 − 0.05.
  const std::array<int, 3> size{64, 20, 64};
  const double passed = std::pow(0.95, 20);
  for (const double sample_step : {1.0, 0.5, 2.0, 3.0, 7.0}) {
    SCOPED_TRACE(sample_step);
    FrameInput frame = volume(size, 0, 0);
    frame.volume.distance = 1000;
    frame.volume.fov = 2;
    frame.background = {0, 0, 200};
    frame.sample_step = sample_step;
    frame.layers.push_back(volume_layer(make_volume(size, DType::UInt8, [](int, int, int) { return 100; }),
                                        look_of("red", 0, 200), scene::Rendering::Translucent));
    frame.layers[0].look.opacity = 0.1;
    // Half of the step is the frame's, half the layer's own.
    frame.sample_step = std::sqrt(sample_step);
    frame.layers[0].look.sample_step = std::sqrt(sample_step);
    const Color found = pixel_at(draw(frame), 48, 32);
    EXPECT_NEAR(found[0], 127.5 * (1 - passed), 1);
    EXPECT_EQ(found[1], 0);
    EXPECT_NEAR(found[2], 200 * passed, 1);
  }
}

TEST_P(GoldenVolume, StepsOfDifferentLengthKeepTheVolumesShape) {
  // Half as many voxels along z, twice as far apart: the same box.
  FrameInput frame = volume({32, 32, 32}, 30, 20);
  auto flat = make_volume({32, 32, 16}, DType::UInt8, [](int, int, int) { return 255; });
  flat->step = {1, 1, 2};
  flat->origin = {0, 0, 0.5};
  auto cube = make_volume({32, 32, 32}, DType::UInt8, [](int, int, int) { return 255; });
  for (const auto rendering : {scene::Rendering::Mip, scene::Rendering::Translucent}) {
    frame.layers.assign(1, volume_layer(flat, look_of("gray", 0, 255), rendering));
    frame.layers[0].look.opacity = 0.05;
    const Picture stretched = draw(frame);
    frame.layers.assign(1, volume_layer(cube, look_of("gray", 0, 255), rendering));
    frame.layers[0].look.opacity = 0.05;
    EXPECT_LE(test::difference(stretched, draw(frame)).most, 1);
  }
}

TEST_P(GoldenVolume, AFlatVolumeIsSeenWhateverTheStep) {
  FrameInput frame = volume({40, 1, 40}, 0, 0);
  frame.sample_step = 4;
  frame.layers.push_back(volume_layer(make_volume({40, 1, 40}, DType::UInt8, [](int, int, int) { return 90; }),
                                      look_of("gray", 0, 255), scene::Rendering::Mip));
  EXPECT_EQ(pixel_at(draw(frame), 48, 32), gray(90));
}

TEST_P(GoldenVolume, NonFiniteVoxelsAreSkippedInVolumes) {
  const std::array<int, 3> size{16, 16, 16};
  FrameInput frame = volume(size, 0, 0);
  frame.background = {0, 40, 0};
  const auto holes = [](int x, int y, int) { return x < 8 ? std::nan("") : y == 5 ? 200.0 : std::nan(""); };
  frame.layers.push_back(
      volume_layer(make_volume(size, DType::Float32, holes), look_of("red", 0, 200), scene::Rendering::Mip));
  const Picture picture = draw(frame);
  const RayCamera camera(frame.volume, frame.width, frame.height);
  const Vec2 left = *camera.pixel_from_world({4, 5, 8});
  const Vec2 right = *camera.pixel_from_world({12, 5, 8});
  EXPECT_EQ(pixel_at(picture, static_cast<int>(left[0]), static_cast<int>(left[1])), (Color{0, 40, 0}));
  EXPECT_EQ(pixel_at(picture, static_cast<int>(right[0]), static_cast<int>(right[1])), (Color{255, 0, 0}));
}

TEST_P(GoldenVolume, CellsDoNotChangeThePicture) {
  for (unsigned seed = 9000; seed < 9030; ++seed) {
    SCOPED_TRACE(seed);
    test::FrameMaker maker(seed);
    FrameInput frame = maker.volume_frame();
    const Picture with_cells = draw(frame);
    for (LayerInput& layer : frame.layers) {
      auto bare = std::make_shared<VolumeLevel>(*layer.volumes[0]);
      bare->cells.clear();
      layer.volumes[0] = bare;
    }
    EXPECT_LE(test::difference(with_cells, draw(frame)).most, 1);
  }
}

INSTANTIATE_TEST_SUITE_P(Renderers, GoldenVolume, test::drawing_renderers(), test::renderer_name);

}  // namespace
}  // namespace ndcast::render
