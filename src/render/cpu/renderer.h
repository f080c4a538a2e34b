#pragma once
// The renderer of machines without a GPU: the reference's semantics in single precision, over all cores. Slices are
// drawn in bands of rows (cpu/slice.h), volumes in tiles of 32 × 32 pixels (cpu/volume.h). Against the reference: mean
// difference at most 0.5/255, 99.9 % of the components within 3/255.

#include <cstddef>

#include "base/thread_pool.h"
#include "render/renderer.h"

namespace ndcast::render {

class CpuRenderer final : public Renderer {
 public:
  /// `threads` in total, the caller of render() included; 0 means one a core.
  explicit CpuRenderer(std::size_t threads) : pool_("render", threads) {}

  std::string_view name() const override { return "cpu"; }
  Result<void> render(const FrameInput& input, Picture& out) override;

 private:
  ThreadPool pool_;
};

}  // namespace ndcast::render
