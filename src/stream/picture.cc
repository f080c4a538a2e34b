#include "stream/picture.h"

namespace ndcast::stream {

void I420Picture::resize(int new_width, int new_height) {
  width = new_width;
  height = new_height;
  const auto chroma = static_cast<std::size_t>(chroma_width()) * static_cast<std::size_t>(chroma_height());
  y.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
  u.resize(chroma);
  v.resize(chroma);
}

}  // namespace ndcast::stream
