#pragma once
// A render thread ("render-cpu") and what it draws with: the renderer, the pool that assembles voxels, the pictures.
// Rooms reach it through a RenderWorker each.
//
//   const auto device = std::make_shared<RenderDevice>(std::move(renderer), loader, clock);
//   RenderWorker one(device, …), other(device, …);

#include <memory>

#include "base/clock.h"
#include "image/chunk_loader.h"
#include "render/render_worker.h"
#include "render/renderer.h"

namespace ndcast::render {

class RenderDevice {
 public:
  /// `clock` outlives the device.
  RenderDevice(std::unique_ptr<Renderer> renderer, std::shared_ptr<image::ChunkLoader> loader, const Clock& clock);
  /// Waits for the frame in progress. Every worker is gone by then: they share the device.
  ~RenderDevice();
  RenderDevice(const RenderDevice&) = delete;
  RenderDevice& operator=(const RenderDevice&) = delete;

 private:
  friend class RenderWorker;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ndcast::render
