#pragma once
// Pictures on their way from a renderer into an encoder: RGBA as rendered, I420 as coded.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace ndcast::stream {

/// Borrowed pixels: R, G, B, A bytes, rows from the top down, `stride_bytes` from one row to the next. Alpha is
/// ignored; the renderer has already put the picture on its background.
struct RgbaView {
  const std::uint8_t* data = nullptr;
  int width = 0;
  int height = 0;
  std::size_t stride_bytes = 0;
};

/// Owned pixels without gaps between rows.
struct RgbaPicture {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> rgba;  ///< 4·width·height bytes

  RgbaView view() const { return {rgba.data(), width, height, static_cast<std::size_t>(width) * 4}; }
};

/// Pixels and whatever keeps them alive: shared, once submitted, by the encoder at work and as the last picture that a
/// later keyframe is made of; so they never change again. A renderer's own picture can be shared without a copy:
///   SharedPicture({rgba, width, height, stride_bytes}, rendered)
struct SharedPicture {
  SharedPicture() = default;
  SharedPicture(const RgbaView& pixels, std::shared_ptr<const void> keeper) : view(pixels), owner(std::move(keeper)) {}
  template <class Picture>
    requires std::same_as<std::remove_const_t<Picture>, RgbaPicture>
  SharedPicture(std::shared_ptr<Picture> picture) : view(picture->view()), owner(std::move(picture)) {}

  RgbaView view;
  std::shared_ptr<const void> owner;
};

/// Planar 4:2:0: y is height × width, u and v are ceil(height/2) × ceil(width/2), rows from the top down, no gaps.
struct I420Picture {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> y;
  std::vector<std::uint8_t> u;
  std::vector<std::uint8_t> v;

  int chroma_width() const { return (width + 1) / 2; }
  int chroma_height() const { return (height + 1) / 2; }
  /// Makes room for that size; contents are unspecified. Keeps its memory when it can.
  void resize(int new_width, int new_height);
};

}  // namespace ndcast::stream
