#pragma once
// The truth in tests: one pixel after the other, scalar, double precision, nothing skipped, nothing tabulated. Slow by
// intent; every line is meant to be checked against the semantics in look.h, camera_math.h and volume_rays.h.

#include "render/renderer.h"

namespace ndcast::render {

class ReferenceRenderer final : public Renderer {
 public:
  std::string_view name() const override { return "reference"; }
  Result<void> render(const FrameInput& input, Picture& out) override;
};

}  // namespace ndcast::render
