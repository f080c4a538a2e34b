#pragma once
// The picture that a renderer makes: 8-bit RGBA, row 0 on top, opaque over the background.

#include <cstdint>
#include <vector>

namespace ndcast::render {

struct Picture {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> rgba;  ///< height × width × 4

  void resize(int new_width, int new_height) {
    width = new_width;
    height = new_height;
    rgba.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 4);
  }
};

}  // namespace ndcast::render
