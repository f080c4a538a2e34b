#pragma once
// Pictures for the stream's tests and benchmarks: something like a microscope's, and repeatable.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "stream/picture.h"

namespace ndcast::stream {

/// Smooth colour gradients, a bright disc that moves with `frame`, fine texture, and noise of ±`noise` grey levels.
inline RgbaPicture test_picture(int width, int height, int frame, int noise = 4) {
  RgbaPicture picture{width, height, {}};
  picture.rgba.reserve(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 4);
  std::uint32_t random = 12345u + static_cast<std::uint32_t>(frame) * 7919u;
  const double cx = width * (0.3 + 0.01 * frame);
  const double cy = height * 0.5;
  const double radius = height * 0.2;
  std::vector<double> wave(static_cast<std::size_t>(width));
  for (int x = 0; x < width; ++x) wave[static_cast<std::size_t>(x)] = 20 * std::sin(x * 0.21);
  for (int y = 0; y < height; ++y) {
    const double row_wave = std::cos(y * 0.17);
    for (int x = 0; x < width; ++x) {
      random = random * 1664525u + 1013904223u;
      const int grain = noise == 0 ? 0 : static_cast<int>(random >> 16) % (2 * noise + 1) - noise;
      const double disc = (x - cx) * (x - cx) + (y - cy) * (y - cy) < radius * radius ? 90 : 0;
      const double texture = wave[static_cast<std::size_t>(x)] * row_wave;
      const auto clamp = [](double v) { return static_cast<std::uint8_t>(v < 0 ? 0 : v > 255 ? 255 : v); };
      picture.rgba.push_back(clamp(40 + 80.0 * x / width + disc + texture + grain));
      picture.rgba.push_back(clamp(30 + 90.0 * y / height + disc + texture + grain));
      picture.rgba.push_back(clamp(60 + 40.0 * (x + y) / (width + height) + texture + grain));
      picture.rgba.push_back(255);
    }
  }
  return picture;
}

inline RgbaPicture plain_picture(int width, int height, std::uint8_t r, std::uint8_t g, std::uint8_t b) {
  RgbaPicture picture{width, height, {}};
  for (int i = 0; i < width * height; ++i) picture.rgba.insert(picture.rgba.end(), {r, g, b, 255});
  return picture;
}

}  // namespace ndcast::stream
