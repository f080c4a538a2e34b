#pragma once
// Paints the background and nothing else: for tests of everything around a renderer.

#include "render/renderer.h"

namespace ndcast::render {

class NullRenderer final : public Renderer {
 public:
  std::string_view name() const override { return "null"; }
  Result<void> render(const FrameInput& input, Picture& out) override;
};

}  // namespace ndcast::render
