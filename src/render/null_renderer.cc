#include "render/null_renderer.h"

#include "render/frame_check.h"

namespace ndcast::render {

Result<void> NullRenderer::render(const FrameInput& input, Picture& out) {
  ND_TRY(check_frame(input));
  out.resize(input.width, input.height);
  for (std::size_t i = 0; i < out.rgba.size(); i += 4) {
    out.rgba[i] = input.background[0];
    out.rgba[i + 1] = input.background[1];
    out.rgba[i + 2] = input.background[2];
    out.rgba[i + 3] = 255;
  }
  return {};
}

}  // namespace ndcast::render
