#include "render/cpu/renderer.h"

#include "render/cpu/slice.h"
#include "render/cpu/volume.h"
#include "render/frame_check.h"

namespace ndcast::render {

Result<void> CpuRenderer::render(const FrameInput& input, Picture& out) {
  ND_TRY(check_frame(input));
  out.resize(input.width, input.height);
  if (input.mode == scene::Mode::Plane) {
    draw_slices(input, pool_, out);
  } else if (!draw_volumes(input, pool_, out)) {
    return fail(ErrorCode::Cancelled, "nobody wants the picture any more");
  }
  return {};
}

}  // namespace ndcast::render
