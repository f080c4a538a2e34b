#pragma once
// The fixture of the tests that every renderer must pass: pictures whose pixels follow from a formula.

#include <array>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "render/camera_math.h"
#include "render/renderer.h"
#include "render/test_frames.h"

namespace ndcast::render::test {

using Color = std::array<int, 3>;

inline Color gray(int level) { return {level, level, level}; }

/// The parameter is the renderer's name.
class RendererTest : public testing::TestWithParam<std::string> {
 protected:
  Picture draw(const FrameInput& input) {
    auto renderer = make_renderer(GetParam(), 2);
    Picture picture;
    const auto result = (*renderer)->render(input, picture);
    EXPECT_TRUE(result) << result.error().message;
    EXPECT_EQ(picture.width, input.width);
    EXPECT_EQ(picture.height, input.height);
    EXPECT_EQ(picture.rgba.size(), static_cast<std::size_t>(input.width) * static_cast<std::size_t>(input.height) * 4);
    for (std::size_t i = 3; i < picture.rgba.size(); i += 4) EXPECT_EQ(picture.rgba[i], 255);
    return picture;
  }

  ErrorCode refusal(const FrameInput& input) {
    auto renderer = make_renderer(GetParam(), 1);
    Picture picture;
    const auto result = (*renderer)->render(input, picture);
    EXPECT_FALSE(result);
    return result ? ErrorCode::Internal : result.error().code;
  }

  /// A picture of one pixel a voxel, voxel (0, 0) at the top left.
  static FrameInput plane(int width, int height) {
    FrameInput frame;
    frame.width = width;
    frame.height = height;
    frame.plane.rect = {-0.5, -0.5, static_cast<double>(width), static_cast<double>(height)};
    return frame;
  }

  static LayerInput slice_layer(std::shared_ptr<SliceLevel> slice, LayerLook look) {
    LayerInput layer{.look = std::move(look)};
    layer.slices.push_back(std::move(slice));
    return layer;
  }

  static LayerInput volume_layer(std::shared_ptr<VolumeLevel> volume, LayerLook look, scene::Rendering rendering) {
    LayerInput layer{.look = std::move(look)};
    layer.look.rendering = rendering;
    test::add_cells(*volume);
    layer.volumes.push_back(std::move(volume));
    return layer;
  }

  /// Looks at the centre of a volume of `size` voxels of side 1 at the origin.
  static FrameInput volume(const std::array<int, 3>& size, double azimuth, double elevation) {
    FrameInput frame;
    frame.width = 96;
    frame.height = 64;
    frame.mode = scene::Mode::Volume;
    frame.volume = {.center = {(size[0] - 1) / 2.0, (size[1] - 1) / 2.0, (size[2] - 1) / 2.0},
                    .angles = {azimuth, elevation, 0},
                    .distance = 60,
                    .fov = 40};
    return frame;
  }

  static std::array<double, 2> center_of_light(const Picture& picture) {
    double sum = 0;
    std::array<double, 2> center{0, 0};
    for (int row = 0; row < picture.height; ++row) {
      for (int column = 0; column < picture.width; ++column) {
        const double light = pixel_at(picture, column, row)[1];
        sum += light;
        center[0] += light * (column + 0.5);
        center[1] += light * (row + 0.5);
      }
    }
    EXPECT_GT(sum, 0) << "the picture is dark";
    return {center[0] / sum, center[1] / sum};
  }
};

/// The renderers that draw.
inline auto drawing_renderers() { return testing::Values("reference", "cpu"); }

inline std::string renderer_name(const testing::TestParamInfo<std::string>& info) { return info.param; }

}  // namespace ndcast::render::test
